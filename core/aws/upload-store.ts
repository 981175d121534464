import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../domain/ports.ts";
import type { OpenUpload, UploadStore } from "../domain/uploads/ports.ts";
import type { Database } from "./clients.ts";

/** Open uploads (`upload#…`) and claims of bytes (`sha#…`), rows of `music` that no listing index shows. */
export function createUploadStore({ client, table }: Database, clock: Clock): UploadStore {
  const TableName = table("music");
  const uploadKey = (uploadId: string) => ({ songId: `upload#${uploadId}` });
  const claimKey = (sha256: string) => ({ songId: `sha#${sha256}` });

  async function claimOf(sha256: string): Promise<string | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName, Key: claimKey(sha256), ConsistentRead: true }),
    );
    return Item?.claimedBy as string | undefined;
  }

  return {
    async get(uploadId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: uploadKey(uploadId), ConsistentRead: true }),
      );
      const upload = Item?.upload as OpenUpload | undefined;
      return upload && upload.expiresAt > clock.now().toISOString() ? upload : undefined;
    },

    async put(upload) {
      const ttl = Math.ceil(Date.parse(upload.expiresAt) / 1000);
      await client.send(
        new PutCommand({ TableName, Item: { ...uploadKey(upload.uploadId), kind: "upload", upload, ttl } }),
      );
    },

    async delete(uploadId) {
      await client.send(new DeleteCommand({ TableName, Key: uploadKey(uploadId) }));
    },

    songOfBytes: claimOf,

    async claimBytes(sha256, songId, before) {
      const request = new PutCommand({
        TableName,
        Item: { ...claimKey(sha256), kind: "claim", claimedBy: songId },
        ConditionExpression:
          before === undefined ? "attribute_not_exists(#claimedBy)" : "#claimedBy = :before",
        ExpressionAttributeNames: { "#claimedBy": "claimedBy" },
        ...(before !== undefined && { ExpressionAttributeValues: { ":before": before } }),
      });
      try {
        await client.send(request);
        return songId;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return (await claimOf(sha256)) ?? songId;
      }
    },
  };
}
