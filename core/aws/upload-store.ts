import { DeleteCommand, GetCommand, PutCommand, type PutCommandInput } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import type { Clock } from "../domain/ports.ts";
import type { Claim, OpenUpload, UploadStore } from "../domain/uploads/ports.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";

/** Uploads, rows of `upload`; and claims of bytes (`sha#…`), rows of `music` that no listing index shows. */
export function createUploadStore({ client, table }: Database, clock: Clock): UploadStore {
  const TableName = table("music");
  const uploads = table("upload");
  const claimKey = (sha256: string) => ({ songId: `sha#${sha256}` });

  async function claimOf(sha256: string): Promise<Claim | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName, Key: claimKey(sha256), ConsistentRead: true }),
    );
    return Item && { songId: String(Item.claimedBy), ...(Item.etag && { etag: String(Item.etag) }) };
  }

  /** @returns whether the condition held */
  const put = async (upload: OpenUpload, condition: Condition): Promise<boolean> =>
    (await unlessRefused(
      client.send(new PutCommand({ TableName: uploads, Item: toRow(upload), ...condition })),
    )) !== undefined;

  return {
    async get(uploadId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: uploads, Key: { uploadId }, ConsistentRead: true }),
      );
      const upload = Item?.upload as OpenUpload | undefined;
      return upload && upload.expiresAt > clock.now().toISOString() ? upload : undefined;
    },

    begin: (upload, before) =>
      put(upload, {
        ConditionExpression: `attribute_not_exists(#upload) OR #upload.#expiresAt <= :now${before ? " OR #etag = :before" : ""}`,
        ExpressionAttributeNames: {
          "#upload": "upload",
          "#expiresAt": "expiresAt",
          ...(before && { "#etag": "etag" }),
        },
        ExpressionAttributeValues: {
          ":now": clock.now().toISOString(),
          ...(before && { ":before": before.etag }),
        },
      }),

    replace: (before, after) => put(after, unchanged(before)),

    async delete(upload) {
      const { uploadId } = upload;
      const request = new DeleteCommand({ TableName: uploads, Key: { uploadId }, ...unchanged(upload) });
      return (await unlessRefused(client.send(request))) !== undefined;
    },

    claimOf,

    async claim(sha256, songId, before) {
      const etag = ulid();
      const Item = { ...claimKey(sha256), kind: "claim", claimedBy: songId, etag };
      const request = new PutCommand({ TableName, Item, ...stillClaimed(before) });
      return (await unlessRefused(client.send(request))) && { songId, etag };
    },
  };
}

/** On condition that the row is as it was read. */
function stillClaimed(before: Claim | undefined) {
  const names = { "#claimedBy": "claimedBy" };
  if (!before)
    return { ConditionExpression: "attribute_not_exists(#claimedBy)", ExpressionAttributeNames: names };
  const { songId, etag } = before;
  return {
    ConditionExpression: `#claimedBy = :songId AND ${etag === undefined ? "attribute_not_exists(#etag)" : "#etag = :etag"}`,
    ExpressionAttributeNames: { ...names, "#etag": "etag" },
    ExpressionAttributeValues: { ":songId": songId, ...(etag !== undefined && { ":etag": etag }) },
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

type Condition = Pick<
  PutCommandInput,
  "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

const unchanged = ({ etag }: OpenUpload): Condition => ({
  ConditionExpression: "#etag = :before",
  ExpressionAttributeNames: { "#etag": "etag" },
  ExpressionAttributeValues: { ":before": etag },
});
