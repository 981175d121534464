/**
 * The tables of Encore, defined once: CDK makes them in AWS, `infra/local` makes them in the embedded
 * engine, and the stores in this folder name them from here.
 *
 * A physical name is `<prefix><name>`; the prefix keeps several deployments apart in one account.
 */
export type TableName = "login" | "session" | "music" | "upload" | "subscription" | "connection" | "audit";

export type Key = { readonly name: string; readonly type: "S" | "N" };

export type IndexDefinition = {
  readonly name: string;
  readonly partitionKey: Key;
  readonly sortKey?: Key;
};

export type TableDefinition = {
  readonly name: TableName;
  readonly partitionKey: Key;
  readonly sortKey?: Key;
  readonly globalIndexes: readonly IndexDefinition[];
  /** Local indexes share the table's partition key and can be read consistently. */
  readonly localIndexes: readonly IndexDefinition[];
  /** Each committed write becomes one stream record with keys, old and new image. */
  readonly stream: boolean;
  /** The attribute DynamoDB's time-to-live looks at (seconds since the epoch), where rows expire. */
  readonly ttlAttribute?: "ttl";
};

const text = (name: string): Key => ({ name, type: "S" });
const number = (name: string): Key => ({ name, type: "N" });

export const tables: readonly TableDefinition[] = [
  {
    name: "login",
    partitionKey: text("email"),
    globalIndexes: [{ name: "byUser", partitionKey: text("userId") }],
    localIndexes: [],
    stream: true,
  },
  {
    name: "session",
    partitionKey: text("sessionId"),
    globalIndexes: [{ name: "byUser", partitionKey: text("userId"), sortKey: text("sessionId") }],
    localIndexes: [],
    stream: true,
    ttlAttribute: "ttl",
  },
  {
    name: "music",
    partitionKey: text("songId"),
    // The listing indexes are sparse (`sha#` claims have none of their keys). `titleShard`
    // spreads the one list of all songs over several partitions; a reader merges them.
    globalIndexes: [
      { name: "byAlbum", partitionKey: text("albumKey"), sortKey: text("trackKey") },
      { name: "byYear", partitionKey: number("year"), sortKey: text("titleKey") },
      { name: "byTitle", partitionKey: text("titleShard"), sortKey: text("titleKey") },
    ],
    localIndexes: [],
    stream: true,
    ttlAttribute: "ttl",
  },
  {
    name: "upload",
    partitionKey: text("uploadId"),
    globalIndexes: [],
    localIndexes: [],
    stream: true,
    ttlAttribute: "ttl",
  },
  {
    name: "subscription",
    partitionKey: text("userId"),
    sortKey: text("sk"),
    globalIndexes: [{ name: "bySong", partitionKey: text("songId"), sortKey: text("userId") }],
    localIndexes: [{ name: "byRevision", partitionKey: text("userId"), sortKey: number("revision") }],
    stream: true,
    ttlAttribute: "ttl",
  },
  {
    name: "connection",
    partitionKey: text("userId"),
    sortKey: text("connectionId"),
    globalIndexes: [{ name: "byEndpoint", partitionKey: text("endpointId"), sortKey: text("connectionId") }],
    localIndexes: [],
    stream: true,
    ttlAttribute: "ttl",
  },
  {
    name: "audit",
    partitionKey: text("day"),
    sortKey: text("sk"),
    globalIndexes: [],
    localIndexes: [],
    stream: false,
    ttlAttribute: "ttl",
  },
];

export const physicalTableName = (prefix: string, name: TableName): string => `${prefix}${name}`;
