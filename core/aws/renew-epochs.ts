import { paginateScan, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { headSortKey } from "../domain/subscriptions/head.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";
import { headKey } from "./subscription-row.ts";

/** Heads that are written at the same time. */
const parallel = 16;

/**
 * Gives every user's head a new epoch, after the table went back to an earlier state. Reads the whole table; may be
 * repeated, and may run beside writers: a change that is committed meanwhile counts in the new epoch or the old.
 *
 * @returns how many heads were renewed
 */
export async function renewEpochs(database: Database, newId: () => string): Promise<number> {
  const { client, table } = database;
  const TableName = table("subscription");
  let renewed = 0;

  async function renew({ userId, epoch }: Record<string, unknown>): Promise<void> {
    const update = new UpdateCommand({
      TableName,
      Key: headKey(String(userId)),
      UpdateExpression: "SET #epoch = :new",
      ConditionExpression: "#epoch = :old AND attribute_not_exists(#closed)",
      ExpressionAttributeNames: { "#epoch": "epoch", "#closed": "closed" },
      ExpressionAttributeValues: { ":new": newId(), ":old": epoch },
    });
    if (await unlessRefused(client.send(update))) renewed++;
  }

  const pages = paginateScan(
    { client },
    {
      TableName,
      ConsistentRead: true,
      FilterExpression: "#sk = :head AND attribute_not_exists(#closed)",
      ProjectionExpression: "#userId, #epoch",
      ExpressionAttributeNames: { "#sk": "sk", "#closed": "closed", "#userId": "userId", "#epoch": "epoch" },
      ExpressionAttributeValues: { ":head": headSortKey },
    },
  );
  for await (const { Items: heads = [] } of pages) {
    const next = async (): Promise<void> => {
      for (let head = heads.pop(); head; head = heads.pop()) await renew(head);
    };
    await Promise.all(Array.from({ length: parallel }, next));
  }
  return renewed;
}
