import { createReadStream } from "node:fs";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { BackupError } from "./format.ts";

/** A row of the database below the tables; the value is plain JSON. */
export type Row = readonly [key: string, value: unknown];

const chunkCharacters = 64 * 1024;

/** Lines of JSON, `[key, value]` each, in chunks; the last one is the count of the others, by which a cut is known. */
export async function* encodeRows(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  let count = 0;
  let chunk = "";
  for await (const row of rows) {
    count += 1;
    chunk += `${JSON.stringify(row)}\n`;
    if (chunk.length < chunkCharacters) continue;
    yield chunk;
    chunk = "";
  }
  yield `${chunk}${count}\n`;
}

/** @throws BackupError where the stream ends too early, or has what no row is */
export async function* decodeRows(lines: AsyncIterable<string>): AsyncGenerator<Row> {
  let count = 0;
  let total: number | undefined;
  for await (const line of lines) {
    const value = parse(line);
    if (total !== undefined || value === undefined)
      throw new BackupError("The rows of the tables are damaged");
    if (typeof value === "number") {
      total = value;
      continue;
    }
    count += 1;
    yield value as Row;
  }
  if (total !== count) throw new BackupError("The rows of the tables are cut off");
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The lines of a stream; fails as the stream does. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** The rows of a backup's file. */
export async function* readTables(path: string): AsyncGenerator<Row> {
  const text = new PassThrough();
  const reading = pipeline(createReadStream(path), createGunzip(), text);
  reading.catch(() => {});
  yield* decodeRows(linesOf(text));
  await reading;
}
