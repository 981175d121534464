import { connect } from "node:net";

export type RawResponse = {
  readonly status: number;
  /** By lower-case name; lines of one field joined as one list. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the body is as long as its Content-Length says. */
  readonly whole: boolean;
};

/** One request on a connection of its own, byte for byte as given: no client library tidies it up. */
export function rawRequest(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawResponse> {
  const lines = Object.entries({ Host: "localhost", Connection: "close", ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return rawExchange(port, Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`), method);
}

/** Whatever is sent, and what came back until the connection ended. */
export function rawExchange(port: number, bytes: Buffer, method = "GET"): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => chunks.push(chunk));
    // A connection that breaks is an answer too: what came before it is told.
    socket.on("error", () => {});
    socket.on("close", () => {
      try {
        resolve(parse(Buffer.concat(chunks), method));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function parse(bytes: Buffer, method: string): RawResponse {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) throw new Error(`no response head in ${bytes.length} bytes`);
  const [statusLine = "", ...lines] = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const status = Number(statusLine.split(" ")[1]);
  const body = bytes.subarray(headEnd + 4);
  const bodiless = method === "HEAD" || status === 304;
  return { status, headers, body, whole: body.length === (bodiless ? 0 : Number(headers["content-length"])) };
}
