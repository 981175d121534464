import type { AttributeValue } from "aws-lambda";
import type { Level } from "./level/level.ts";

/** dynalite's store and the types it lacks. */
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

/** A part of the LevelDB whose keys share a prefix. */
type KeySpace = {
  put(key: string, value: Item, done: Done): void;
  del(key: string, done: Done): void;
};

export type DynamoStore = {
  readonly db: Level;
  getItemDb(table: string): KeySpace;
  getIndexDb(kind: string, table: string, index: string): KeySpace;
  getTable(name: string, ...rest: [boolean, Done<TableDescription>] | [Done<TableDescription>]): void;
};

export type Action = (store: DynamoStore, data: Record<string, unknown>, done: Done) => void;

export type Schema = { readonly types: Readonly<Record<string, unknown>>; readonly custom?: unknown };

/** Runs an operation on a request's JSON. */
export type Run = (operation: string, input: unknown) => Promise<unknown>;
