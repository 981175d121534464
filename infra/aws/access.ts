import type { TableName } from "../../core/aws/tables.ts";
import type { FunctionName } from "./bundle.ts";

/** DynamoDB's actions on a table, by their short names; `Query#byUser` queries the index of that name. */
export type TableAction =
  | "GetItem"
  | "BatchGetItem"
  | "Query"
  | `Query#${string}`
  | "Scan"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "BatchWriteItem";

/** S3's actions on objects, and the first part of their keys. */
type ObjectAction =
  | "GetObject"
  | "PutObject"
  | "DeleteObject"
  | "AbortMultipartUpload"
  | "ListMultipartUploadParts";
type ObjectPrefix = "audio" | "previews" | "covers" | "search";

export type Access = {
  readonly tables: Partial<Record<TableName, readonly TableAction[]>>;
  readonly objects?: Readonly<Partial<Record<ObjectPrefix, readonly ObjectAction[]>>>;
  /** Whether it lists objects, or learns of missing ones: S3 says "not found" to those who may list the bucket alone. */
  readonly mayListObjects?: true;
  /**
   * Live connections: the gateway's by `@connections`; all of them by the nodes' management API too, inside the
   * network.
   */
  readonly reaches?: "sessions of the gateway" | "every session";
  /** Which of the token keys it knows. */
  readonly keys: "none" | "public" | "private";
  /** Whether it counts tries by the caller's address, which the edge must vouch for. */
  readonly countsCallers?: true;
};

/** Whoever asks: session and account are read with each request. */
const signedIn = { login: ["GetItem"], session: ["GetItem"] } as const;

const queries = (...indexes: string[]) => indexes.map((index) => `Query#${index}` as const);

/** What each function does to what, and nothing else: this is all that its role allows. A test watches each do it. */
export const accessOf: Readonly<Record<FunctionName, Access>> = {
  auth: {
    tables: {
      login: ["GetItem", "PutItem", "UpdateItem", "DeleteItem"],
      session: ["GetItem", "BatchGetItem", "Query#byUser", "PutItem", "UpdateItem", "DeleteItem"],
      subscription: ["Query", "UpdateItem", "BatchWriteItem"],
      audit: ["PutItem"],
    },
    keys: "private",
    countsCallers: true,
  },
  catalogue: {
    tables: {
      ...signedIn,
      // A search index that is lost is made from all songs.
      music: [
        "GetItem",
        "Scan",
        ...queries("byAlbum", "byYear", "byTitle"),
        "PutItem",
        "UpdateItem",
        "DeleteItem",
      ],
    },
    objects: {
      search: ["GetObject", "PutObject", "DeleteObject"],
      audio: ["DeleteObject"],
      previews: ["DeleteObject"],
      covers: ["DeleteObject"],
    },
    mayListObjects: true,
    keys: "public",
  },
  subscriptions: {
    tables: {
      ...signedIn,
      subscription: ["GetItem", "BatchGetItem", "Query", "Query#byRevision", "PutItem"],
      music: ["GetItem"],
    },
    keys: "public",
  },
  uploads: {
    tables: {
      login: ["GetItem"],
      session: ["GetItem", "UpdateItem"],
      music: ["GetItem"],
      upload: ["GetItem", "PutItem", "DeleteItem"],
    },
    objects: { audio: ["PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts"] },
    keys: "public",
  },
  covers: {
    tables: { ...signedIn, music: ["GetItem", "PutItem"] },
    objects: { covers: ["PutObject"] },
    keys: "public",
  },
  "process-uploads": {
    tables: { music: ["GetItem", "PutItem", "DeleteItem"], upload: ["GetItem", "PutItem"] },
    objects: {
      audio: ["GetObject", "PutObject", "DeleteObject", "ListMultipartUploadParts"],
      previews: ["PutObject"],
      covers: ["PutObject"],
    },
    mayListObjects: true,
    keys: "none",
  },
  live: { tables: { login: ["GetItem"], session: ["GetItem", "PutItem"] }, keys: "public" },
  ops: {
    tables: {
      login: ["GetItem"],
      session: ["GetItem", "BatchGetItem", "DeleteItem"],
      connection: ["Query", "Query#byEndpoint", "Scan"],
      audit: ["PutItem"],
    },
    reaches: "every session",
    keys: "public",
  },
  docs: { tables: {}, keys: "public" },
  socket: {
    tables: {
      session: ["BatchGetItem"],
      connection: ["GetItem", "Query", "BatchWriteItem"],
      subscription: ["GetItem", "BatchGetItem", "Query#byRevision", "PutItem"],
    },
    reaches: "sessions of the gateway",
    keys: "none",
  },
  "socket-authorizer": { tables: { session: ["GetItem", "DeleteItem"] }, keys: "public" },
  push: { tables: { connection: ["Query", "DeleteItem"] }, reaches: "every session", keys: "none" },
  "sweep-objects": {
    tables: { music: ["BatchGetItem"] },
    objects: { audio: ["DeleteObject"], previews: ["DeleteObject"], covers: ["DeleteObject"] },
    mayListObjects: true,
    keys: "none",
  },
  "index-music": {
    tables: { music: ["GetItem", "Scan", "UpdateItem"] },
    objects: { search: ["GetObject", "PutObject", "DeleteObject"] },
    mayListObjects: true,
    keys: "none",
  },
};

/** A node's: audio, live connections, and sweeping what dead nodes left behind. */
export const nodeAccess: Access = {
  tables: {
    login: ["BatchGetItem"],
    session: ["GetItem", "BatchGetItem", "DeleteItem"],
    music: ["GetItem"],
    subscription: ["GetItem", "BatchGetItem", "Query#byRevision", "PutItem"],
    connection: [
      "GetItem",
      "Query",
      ...queries("byEndpoint"),
      "PutItem",
      "UpdateItem",
      "DeleteItem",
      "BatchWriteItem",
    ],
  },
  objects: { audio: ["GetObject"], previews: ["GetObject"], covers: ["GetObject"] },
  mayListObjects: true,
  keys: "public",
};
