import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isSecret } from "../../core/domain/shared/secret.ts";
import { encodeRows, type Row } from "./backup/tables-stream.ts";
import { listen } from "./listen.ts";

export type Control = { readonly endpoint: string | undefined; close(): Promise<void> };

/**
 * What command-line tools of this machine ask of a running Encore, on 127.0.0.1 and by a secret (`running.json`).
 * `GET /tables`: a snapshot of the tables, one reader at a time, as fast as it reads.
 *
 * @param rows all rows of the database below the tables, as they are at one moment; without, nothing listens
 * @param secret what the header `x-encore-secret` must hold
 */
export async function startControl(
  rows: (() => AsyncIterable<Row>) | undefined,
  secret: string | undefined,
): Promise<Control> {
  if (!rows || !secret) return { endpoint: undefined, close: async () => {} };
  return listen(createControl(rows, secret), 0);
}

function createControl(rows: () => AsyncIterable<Row>, secret: string): Server {
  let reading = false;

  async function sendTables(response: ServerResponse): Promise<void> {
    if (reading) return refuse(response, 409, "Another backup is being made");
    reading = true;
    try {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      await pipeline(Readable.from(encodeRows(rows())), response);
    } catch {
      // The reader sees that the rows are cut off.
      response.destroy();
    } finally {
      reading = false;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.origin || !isSecret(secret, request.headers["x-encore-secret"]))
      return refuse(response, 403, "Forbidden");
    if (request.method !== "GET" || request.url !== "/tables") return refuse(response, 404, "Not found");
    await sendTables(response);
  }

  return createServer((request, response) => void answer(request, response));
}

const refuse = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { "content-type": "text/plain" }).end(text);
