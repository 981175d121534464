import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../domain/ports.ts";
import type { OpenUpload, UploadStore } from "../domain/uploads/ports.ts";
import type { Database } from "./clients.ts";

/** Uploads, rows of `upload`; and claims of bytes (`sha#…`), rows of `music` that no listing index shows. */
export function createUploadStore({ client, table }: Database, clock: Clock): UploadStore {
  const TableName = table("music");
  const uploads = table("upload");
  const claimKey = (sha256: string) => ({ songId: `sha#${sha256}` });

  async function claimOf(sha256: string): Promise<string | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName, Key: claimKey(sha256), ConsistentRead: true }),
    );
    return Item?.claimedBy as string | undefined;
  }

  const put = (upload: OpenUpload, before?: OpenUpload): PutCommand =>
    new PutCommand({
      TableName: uploads,
      Item: toRow(upload),
      ...(before && unchanged(before)),
    });

  return {
    async get(uploadId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: uploads, Key: { uploadId }, ConsistentRead: true }),
      );
      const upload = Item?.upload as OpenUpload | undefined;
      return upload && upload.expiresAt > clock.now().toISOString() ? upload : undefined;
    },

    async put(upload) {
      await client.send(put(upload));
    },

    replace: (before, after) => succeeds(client.send(put(after, before))),

    delete: (upload) =>
      succeeds(
        client.send(
          new DeleteCommand({
            TableName: uploads,
            Key: { uploadId: upload.uploadId },
            ...unchanged(upload),
          }),
        ),
      ),

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

/** The state stands beside the upload, where a stream's filter and its readers look for it. */
const toRow = (upload: OpenUpload) => ({
  uploadId: upload.uploadId,
  state: upload.state,
  etag: upload.etag,
  upload,
  ttl: Math.ceil(Date.parse(upload.expiresAt) / 1000),
});

const unchanged = ({ etag }: OpenUpload) => ({
  ConditionExpression: "#etag = :before",
  ExpressionAttributeNames: { "#etag": "etag" },
  ExpressionAttributeValues: { ":before": etag },
});

/** @returns false where the condition did not hold */
async function succeeds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
