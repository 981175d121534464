import { Duration } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import type * as sns from "aws-cdk-lib/aws-sns";
import * as sqs from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { TableName } from "../../../core/aws/tables.ts";
import { addAlarm } from "../alarms.ts";
import type { FunctionName } from "../bundle.ts";
import type { DataStack } from "../stacks/data.ts";

/** The tables whose streams tell what devices are to know. */
const pushed: readonly TableName[] = ["subscription", "login", "session", "connection", "music", "upload"];

type StreamOptions = {
  readonly tables: DataStack["tables"];
  readonly functions: Readonly<
    Record<Extract<FunctionName, "push" | "index-music" | "process-uploads">, lambda.Function>
  >;
  readonly alarms: sns.ITopic;
};

/** Lets the tables' streams invoke their functions. */
export function addStreams(scope: Construct, { tables, functions, alarms }: StreamOptions): void {
  const pushLost = addDeadLetters(scope, "push", alarms);
  for (const name of pushed)
    functions.push.addEventSource(
      new DynamoEventSource(tables[name], {
        ...mapping,
        // What a push was to tell is told by `pong` by then.
        maxRecordAge: Duration.hours(1),
        retryAttempts: 5,
        // Users are independent of each other; within one the order is kept.
        parallelizationFactor: 10,
        onFailure: new SqsDlq(pushLost),
      }),
    );
  functions["index-music"].addEventSource(
    new DynamoEventSource(tables.music, {
      ...mapping,
      // Nothing else tells the index of a change, so it is tried for long.
      retryAttempts: 100,
      maxRecordAge: Duration.hours(12),
      maxBatchingWindow: Duration.seconds(1),
      onFailure: new SqsDlq(addDeadLetters(scope, "index-music", alarms)),
    }),
  );
  functions["process-uploads"].addEventSource(
    new DynamoEventSource(tables.upload, {
      ...mapping,
      batchSize: 10,
      // Uploads are independent of each other.
      parallelizationFactor: 10,
      // One more than the attempts that the function counts itself, after which it writes that the upload has failed.
      retryAttempts: 5,
      maxRecordAge: Duration.hours(6),
      filters: [becameProcessing],
      onFailure: new SqsDlq(addDeadLetters(scope, "process-uploads", alarms)),
    }),
  );
  for (const [name, handler] of Object.entries(functions))
    addAlarm(scope, `${name}-late`, alarms, {
      metric: handler.metric("IteratorAge", { statistic: "max", period: Duration.minutes(1) }),
      threshold: Duration.minutes(1).toMilliseconds(),
      periods: 5,
      description: `The function ${name} is behind its streams by a minute, for five minutes`,
    });
}

/** An upload whose curator has it completed; not the attempts at it, nor what came of it. */
const becameProcessing = lambda.FilterCriteria.filter({
  dynamodb: {
    OldImage: { state: { S: lambda.FilterRule.notEquals("processing") } },
    NewImage: { state: { S: lambda.FilterRule.isEqual("processing") } },
  },
});

/** One that fails is tried again in halves, and from the first record that the function names. */
const mapping = {
  startingPosition: lambda.StartingPosition.TRIM_HORIZON,
  batchSize: 100,
  bisectBatchOnError: true,
  reportBatchItemFailures: true,
};

/** Where the records that were given up are told; somebody must look. */
function addDeadLetters(scope: Construct, name: string, alarms: sns.ITopic): sqs.Queue {
  const queue = new sqs.Queue(scope, `${name}-lost`, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  addAlarm(scope, `${name}-lost-alarm`, alarms, {
    metric: queue.metricApproximateNumberOfMessagesVisible(),
    threshold: 1,
    description: `Stream records that the function ${name} could not deal with`,
  });
  return queue;
}
