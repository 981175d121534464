import type { TableName } from "../../core/aws/tables.ts";
import type { FunctionName } from "./bundle.ts";

/** DynamoDB's actions on a table, by their short names; `Query` counts for the table's indexes too. */
export type TableAction =
  | "GetItem"
  | "BatchGetItem"
  | "Query"
  | "Scan"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "BatchWriteItem";

/** S3's actions on objects, and the prefixes of their keys. */
export type ObjectAction =
  | "GetObject"
  | "PutObject"
  | "DeleteObject"
  | "AbortMultipartUpload"
  | "ListMultipartUploadParts";

export type Access = {
  readonly tables: Partial<Record<TableName, readonly TableAction[]>>;
  readonly objects?: { readonly prefixes: readonly string[]; readonly actions: readonly ObjectAction[] };
  /** Live sessions: the gateway's by `@connections`; all of them by the nodes' management API too, inside the network. */
  readonly reaches?: "sessions of the gateway" | "every session";
  /** Which of the token keys it knows. */
  readonly keys: "none" | "public" | "private";
};

/** Whoever asks: session and account are read with each request. */
const signedIn = { login: ["GetItem"], session: ["GetItem"] } as const;

/** What each function does to what, and nothing else: this is all that its role allows. */
export const accessOf: Readonly<Record<FunctionName, Access>> = {
  auth: {
    tables: {
      login: ["GetItem", "PutItem", "UpdateItem", "DeleteItem"],
      session: ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"],
      subscription: ["Query", "UpdateItem", "BatchWriteItem"],
      audit: ["PutItem"],
    },
    keys: "private",
  },
  catalogue: {
    tables: { ...signedIn, music: ["GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem"] },
    objects: { prefixes: ["search", "audio", "previews", "covers"], actions: ["GetObject", "DeleteObject"] },
    keys: "public",
  },
  subscriptions: {
    tables: {
      ...signedIn,
      subscription: ["GetItem", "BatchGetItem", "Query", "PutItem"],
      music: ["GetItem", "BatchGetItem"],
    },
    keys: "public",
  },
  uploads: {
    tables: { ...signedIn, music: ["GetItem", "BatchGetItem", "PutItem", "DeleteItem"] },
    objects: {
      prefixes: ["audio", "previews", "covers"],
      actions: ["GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts"],
    },
    keys: "public",
  },
  live: { tables: { login: ["GetItem"], session: ["GetItem", "PutItem"] }, keys: "public" },
  ops: {
    tables: {
      login: ["GetItem"],
      session: ["GetItem", "DeleteItem"],
      connection: ["GetItem", "Query", "Scan", "DeleteItem"],
      audit: ["PutItem"],
    },
    reaches: "every session",
    keys: "public",
  },
  docs: { tables: {}, keys: "public" },
  socket: {
    tables: {
      session: ["BatchGetItem"],
      connection: ["GetItem", "BatchWriteItem"],
      subscription: ["GetItem", "BatchGetItem", "Query", "PutItem"],
    },
    reaches: "sessions of the gateway",
    keys: "none",
  },
  "socket-authorizer": { tables: { session: ["GetItem", "DeleteItem"] }, keys: "public" },
  push: {
    tables: { connection: ["GetItem", "Query", "DeleteItem"] },
    reaches: "every session",
    keys: "none",
  },
  "index-music": {
    tables: { music: ["GetItem", "UpdateItem"] },
    objects: { prefixes: ["search"], actions: ["GetObject", "PutObject", "DeleteObject"] },
    keys: "none",
  },
};

/** A node's: audio, live sessions, and sweeping what dead nodes left behind. */
export const nodeAccess: Access = {
  tables: {
    login: ["GetItem"],
    session: ["GetItem", "BatchGetItem", "DeleteItem"],
    music: ["GetItem"],
    subscription: ["GetItem", "BatchGetItem", "Query", "PutItem"],
    connection: ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"],
  },
  objects: { prefixes: ["audio", "previews", "covers"], actions: ["GetObject"] },
  keys: "public",
};
