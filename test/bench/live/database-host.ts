import { batchWrite } from "../../../core/aws/batch-write.ts";
import { physicalTableName } from "../../../core/aws/tables.ts";
import type { Actor } from "../../../core/domain/actor.ts";
import { putSubscription } from "../../../core/domain/subscriptions/write.ts";
import { pushDeps } from "../../../lambdas/deps/push.ts";
import { createPushHandler } from "../../../lambdas/push.ts";
import { startTestAws } from "../../support/engines.ts";
import { silent, systemClock } from "../../support/live-node.ts";
import { databaseOf, subscriptionDeps } from "../../support/subscriptions.ts";
import { serve } from "../support/rpc.ts";
import { wallMs } from "../support/usage.ts";

/** DynamoDB, and the functions beside it: what is elsewhere in AWS, so that a node's figures are its own. */
const aws = await startTestAws();
const database = databaseOf(aws);
const secret = "bench-secret-of-32-characters-000";
const writing = { ...subscriptionDeps(database), clock: systemClock };

export type DatabaseSettings = {
  readonly endpoint: string;
  readonly tablePrefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly secret: string;
};

serve(
  {
    settings: (): DatabaseSettings => ({
      endpoint: aws.dynamodbEndpoint,
      tablePrefix: aws.tablePrefix,
      region: aws.region,
      ...aws.credentials,
      secret,
    }),
    /** Sessions that are signed in, and heads that stand at revision 0, so that nothing is to be made at first sight. */
    async seed(sessions: readonly Actor[]) {
      const inADay = Math.floor(Date.now() / 1000) + 86_400;
      const now = new Date().toISOString();
      await batchWrite(
        database,
        "session",
        sessions.map(({ sessionId, userId, email }) => ({
          PutRequest: {
            Item: {
              sessionId,
              userId,
              email,
              deviceName: "Bench",
              passwordVersion: 0,
              createdAt: now,
              lastUsedAt: now,
              refreshHash: sessionId,
              endsAt: inADay,
              ttl: inADay,
            },
          },
        })),
      );
      const users = [...new Set(sessions.map(({ userId }) => userId))];
      await batchWrite(
        database,
        "subscription",
        users.map((userId) => ({
          PutRequest: {
            Item: { userId, sk: "head", epoch: "bench-epoch", headRevision: 0, count: 0, changeIds: [] },
          },
        })),
      );
    },
    /** Pushes what is committed, as the stream's function does. Comings and goings of devices are not pushed here. */
    push() {
      const env = {
        AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodbEndpoint,
        AWS_REGION: aws.region,
        AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
        TABLE_PREFIX: aws.tablePrefix,
        MANAGEMENT_SECRET: secret,
      };
      const handler = createPushHandler({ ...pushDeps(env), log: silent });
      aws.streams.subscribe(physicalTableName(aws.tablePrefix, "subscription"), handler);
    },
    /** @returns when the change was asked for */
    async change({ actor, songId, tag }: { actor: Actor; songId: string; tag: string }) {
      const askedAt = wallMs();
      await putSubscription(writing, actor, { songId, tags: [tag] });
      return askedAt;
    },
  },
  aws.close,
);
