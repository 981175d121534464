import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Account, AccountChanges, AccountStore } from "../domain/accounts/ports.ts";
import { DomainError } from "../domain/errors.ts";
import { batchGet } from "./batch-get.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";
import { setFields } from "./update-expression.ts";

/** The accounts of the table `login`. */
export function createAccountStore(database: Database): AccountStore {
  const { client, table } = database;
  const TableName = table("login");

  /** Changes fields where one attribute has a value; undefined where it has not. */
  async function change(email: string, changes: AccountChanges, [name, value]: [string, string]) {
    const { ExpressionAttributeNames, ExpressionAttributeValues, UpdateExpression } = setFields(changes);
    const update = new UpdateCommand({
      TableName,
      Key: { email },
      UpdateExpression,
      ConditionExpression: "#expected = :expected",
      ExpressionAttributeNames: { ...ExpressionAttributeNames, "#expected": name },
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ":expected": value },
      ReturnValues: "ALL_NEW",
    });
    return unlessRefused(client.send(update));
  }

  return {
    async get(email) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: { email }, ConsistentRead: true }));
      return Item as Account | undefined;
    },

    async getMany(emails) {
      const keys = [...new Set(emails)].map((email) => ({ email }));
      return (await batchGet(database, "login", keys)) as Account[];
    },

    async create(account) {
      const put = new PutCommand({
        TableName,
        Item: account,
        ConditionExpression: "attribute_not_exists(#email)",
        ExpressionAttributeNames: { "#email": "email" },
      });
      if (!(await unlessRefused(client.send(put)))) throw new DomainError("email-taken");
    },

    async update({ email, userId }, changes) {
      const answer = await change(email, changes, ["userId", userId]);
      if (!answer) throw new DomainError("not-found", "There is no such account");
      return answer.Attributes as Account;
    },

    async keepDeviceKey({ email, userId }, deviceKey) {
      const update = new UpdateCommand({
        TableName,
        Key: { email },
        UpdateExpression: "SET #deviceKey = if_not_exists(#deviceKey, :deviceKey)",
        ConditionExpression: "#userId = :userId",
        ExpressionAttributeNames: { "#deviceKey": "deviceKey", "#userId": "userId" },
        ExpressionAttributeValues: { ":deviceKey": deviceKey, ":userId": userId },
        ReturnValues: "ALL_NEW",
      });
      return (await unlessRefused(client.send(update)))?.Attributes?.deviceKey as string | undefined;
    },

    async updateIfHash(email, passwordHash, changes) {
      return (await change(email, changes, ["passwordHash", passwordHash])) !== undefined;
    },

    async delete({ email, userId }) {
      const request = new DeleteCommand({
        TableName,
        Key: { email },
        ConditionExpression: "#userId = :userId",
        ExpressionAttributeNames: { "#userId": "userId" },
        ExpressionAttributeValues: { ":userId": userId },
      });
      await unlessRefused(client.send(request));
    },
  };
}
