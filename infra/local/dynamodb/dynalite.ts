import { createRequire } from "node:module";
import { Readable } from "node:stream";
import type { AttributeValue } from "aws-lambda";
import { createDiskLevel, type DiskLevelOptions } from "./level/disk-level.ts";
import { createMemoryLevel, type MemoryHandle } from "./level/memory-level.ts";
import { timeToLiveOperations } from "./time-to-live.ts";

/**
 * The parts of dynalite that the engine is built of, with the types it lacks. Its own HTTP server is not used:
 * it opens its store out of reach, and the store is where a write and its stream record become one.
 */
export type Item = Record<string, AttributeValue>;

export type TableDescription = {
  readonly TableName: string;
  readonly TableArn: string;
  /** Seconds since the epoch. */
  readonly CreationDateTime: number;
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: "HASH" | "RANGE" }[];
  readonly StreamSpecification?: { readonly StreamEnabled: boolean; readonly StreamViewType?: string };
};

export type Done<T = unknown> = (error: unknown, result?: T) => void;

export type Operation =
  | { readonly type: "put"; readonly key: string; readonly value: unknown }
  | { readonly type: "del"; readonly key: string };

export type Range = {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly limit?: number;
};

/** The database behind the tables; values are JSON. */
export type Level = {
  /** @throws TablesError */
  open(): Promise<void>;
  close(): Promise<void>;
  /** @throws StorageUnavailable, DamagedValueError; so do all that read */
  get(key: string): Promise<unknown>;
  getSync(key: string): unknown;
  /**
   * Resolves when all of the operations are on the disk. Batches are written in the order they came in.
   * @throws StorageUnavailable; whether the batch was written is known once `storage.recovered` resolves
   */
  batch(operations: readonly Operation[]): Promise<void>;
  /** Leaves a write to the next batch, at the latest a second later. For what can be derived anew. */
  putLater(key: string, value: unknown): void;
  /** In the order of the keys. */
  entries(range: Range): AsyncGenerator<[key: string, value: unknown]>;
  readonly storage: Storage;
};

/** Whether writes are taken. */
export type Storage = {
  /** Why writes are refused, for people; undefined while they are taken. */
  refusal(): string | undefined;
  /** How many times they have come to be refused since the start. */
  outages(): number;
  /** Resolves when they are taken again, at once when they are taken, and when the database closes. */
  recovered(): Promise<void>;
};

/** A part of the LevelDB whose keys share a prefix. */
export type KeySpace = {
  put(key: string, value: Item, done: Done): void;
  del(key: string, done: Done): void;
};

export type Store = {
  readonly db: Level;
  getItemDb(table: string): KeySpace;
  getIndexDb(kind: string, table: string, index: string): KeySpace;
  getTable(name: string, ...rest: [boolean, Done<TableDescription>] | [Done<TableDescription>]): void;
};

export type StoreOptions = {
  readonly path?: string;
  readonly createTableMs: number;
  readonly deleteTableMs: number;
  readonly updateTableMs: number;
};

/** The database that dynalite makes; these are what queries, scans and lists of tables read. */
type RawLevel = MemoryHandle & {
  createKeyStream(range?: Range): Readable;
  createValueStream(range: Range): Readable;
};

/** Runs an operation on a request's JSON. */
export type Run = (operation: string, input: unknown) => Promise<unknown>;

export type Action = (store: Store, data: Record<string, unknown>, done: Done) => void;
export type Schema = { readonly types: Readonly<Record<string, unknown>>; readonly custom?: unknown };
type Validations = {
  checkTypes(data: unknown, types: unknown): Record<string, unknown>;
  checkValidations(data: unknown, types: unknown, custom: unknown, store: Store): void;
};

const load = createRequire(import.meta.url);
const validations: Validations = load("dynalite/validations");
const database: {
  create(options: Omit<StoreOptions, "path">): Omit<Store, "db"> & { readonly db: RawLevel };
} = load("dynalite/db");

/**
 * dynalite's store on a database of ours: its own, of LevelDB, syncs nothing, verifies nothing, and goes on after a
 * write that failed. Without a path, the data is in memory.
 */
export function createStore({ path, ...options }: StoreOptions, diskOptions?: DiskLevelOptions): Store {
  const { db: raw, ...store } = database.create(options);
  const db = path === undefined ? createMemoryLevel(raw) : createDiskLevel(path, diskOptions);
  if (path !== undefined) Object.assign(raw, withCallbacks(db));
  raw.createKeyStream = (range = {}) => Readable.from(keysOf(db, range));
  // dynalite's own never closes its iterator, which LevelDB keeps, with the state of the data that it reads.
  raw.createValueStream = (range) => Readable.from(valuesOf(db, range));
  return { ...store, db };
}

async function* keysOf(db: Level, range: Range): AsyncGenerator<string> {
  for await (const [key] of db.entries(range)) yield key;
}

async function* valuesOf(db: Level, range: Range): AsyncGenerator<unknown> {
  for await (const [, value] of db.entries(range)) yield value;
}

/** The methods that dynalite calls, as it calls them. */
function withCallbacks(db: Level) {
  const batch = (operations: readonly Operation[], done: Done) => answer(db.batch(operations), done);
  return {
    get: (key: string, done: Done) => answer(db.get(key), done),
    put: (key: string, value: unknown, done: Done) => batch([{ type: "put", key, value }], done),
    del: (key: string, done: Done) => batch([{ type: "del", key }], done),
    batch,
  };
}

/** What a callback throws is not to be taken for the operation's failure. */
function answer(result: Promise<unknown>, done: Done): void {
  result.then(
    (value) => setImmediate(done, null, value),
    (error: unknown) => setImmediate(done, error),
  );
}

export type OperationName = (typeof operationNames)[number];

const operationNames = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
  "UpdateTable",
] as const;

/** dynalite drops what its schemas lack; with this a table keeps, and describes, its stream's setting. */
const streamTypes = {
  StreamSpecification: {
    type: "FieldStruct<StreamSpecification>",
    children: { StreamEnabled: "Boolean", StreamViewType: "String" },
  },
};

const operations = new Map([
  ...operationNames.map((name) => [name as string, loadOperation(name)] as const),
  ...Object.entries(timeToLiveOperations),
]);

function loadOperation(name: string): { action: Action; schema: Schema } {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  const schema: Schema = load(`dynalite/validations/${file}`);
  return {
    action: load(`dynalite/actions/${file}`),
    schema: name === "CreateTable" ? { ...schema, types: { ...schema.types, ...streamTypes } } : schema,
  };
}

/** Whether the engine knows the operation of an `X-Amz-Target`. */
export const isOperation = (name: string): boolean => operations.has(name);

/**
 * Runs one operation on a request's JSON.
 * @throws Refusal for input that DynamoDB refuses.
 */
export function runOperation(store: Store, name: string, input: unknown): Promise<unknown> {
  const operation = operations.get(name);
  if (!operation) throw new Error(`No operation is named ${name}`);
  const { action, schema } = operation;
  const data = validations.checkTypes(input, schema.types);
  validations.checkValidations(data, schema.types, schema.custom, store);
  return new Promise((resolve, reject) => {
    action(store, data, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
