import { createRequire } from "node:module";
import { Readable } from "node:stream";
import type { AttributeValue } from "aws-lambda";

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

/** What is used of the LevelDB handle; values are JSON. */
export type Level = {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<unknown>;
  getSync(key: string): unknown;
  put(key: string, value: unknown): Promise<void>;
  batch(operations: readonly Operation[]): Promise<void>;
  keys(range: Range): AsyncIterable<string>;
  values(range: Range): AsyncIterable<unknown> & { all(): Promise<unknown[]> };
  /** What queries and scans read; dynalite adds it. */
  createValueStream(range: Range): Readable;
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

/** What an action refuses with: the HTTP status and the body DynamoDB answers. */
export type Refusal = { readonly statusCode: number; readonly body: unknown };

type Action = (store: Store, data: Record<string, unknown>, done: Done) => void;
type Schema = { readonly types: Readonly<Record<string, unknown>>; readonly custom?: unknown };
type Validations = {
  checkTypes(data: unknown, types: unknown): Record<string, unknown>;
  checkValidations(data: unknown, types: unknown, custom: unknown, store: Store): void;
};

const load = createRequire(import.meta.url);
const validations: Validations = load("dynalite/validations");
const database: { create(options: StoreOptions): Store } = load("dynalite/db");

export function createStore(options: StoreOptions): Store {
  const store = database.create(options);
  // dynalite's own never closes its iterator, which LevelDB keeps, with the state of the data that it reads.
  store.db.createValueStream = (range) => Readable.from(store.db.values(range));
  return store;
}

export type OperationName = (typeof operationNames)[number];

const operationNames = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "DescribeTimeToLive",
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

const operations = new Map(operationNames.map((name) => [name as string, loadOperation(name)]));

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
