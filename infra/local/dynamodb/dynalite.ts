import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { createDiskLevel, type DiskLevelOptions } from "./level/disk-level.ts";
import type { Level, Operation, Range } from "./level/level.ts";
import { createMemoryLevel, type MemoryHandle } from "./level/memory-level.ts";
import type { Action, Done, DynamoStore, Schema } from "./store.ts";
import { timeToLiveOperations } from "./time-to-live.ts";

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

type Validations = {
  checkTypes(data: unknown, types: unknown): Record<string, unknown>;
  checkValidations(data: unknown, types: unknown, custom: unknown, store: DynamoStore): void;
};

/**
 * The parts of dynalite that the engine is built of. Its own HTTP server is not used: it opens its store out of reach,
 * and the store is where a write and its stream record become one.
 */
const load = createRequire(import.meta.url);
const validations: Validations = load("dynalite/validations");
const database: {
  create(options: Omit<StoreOptions, "path">): Omit<DynamoStore, "db"> & { readonly db: RawLevel };
} = load("dynalite/db");

/**
 * dynalite's store on a database of ours: its own, of LevelDB, syncs nothing, verifies nothing, and goes on after a
 * write that failed. Without a path, the data is in memory.
 */
export function createDynaliteStore(
  { path, ...options }: StoreOptions,
  diskOptions?: DiskLevelOptions,
): DynamoStore {
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
export function runOperation(store: DynamoStore, name: string, input: unknown): Promise<unknown> {
  const operation = operations.get(name);
  if (!operation) throw new Error(`No operation is named ${name}`);
  const { action, schema } = operation;
  const data = validations.checkTypes(input, schema.types);
  validations.checkValidations(data, schema.types, schema.custom, store);
  return new Promise((resolve, reject) => {
    action(store, data, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
