import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createFrameReader, opcodes, type ReceivedFrame } from "./websocket-frames.ts";

/** What a closed connection leaves: the code of the server's close frame, or 1006 where there was none. */
export type Ending = { readonly code: number };

export type RawWebSocket = {
  readonly socket: Socket;
  /** One write, which is not held back for others. */
  write(bytes: Buffer): void;
  readonly ended: Promise<Ending>;
};

export type RawOptions = {
  readonly token?: string;
  readonly onFrame: (frame: ReceivedFrame) => void;
};

/** A WebSocket client on a bare TCP socket, which sends what it is given and obeys no rule by itself. */
export async function openRawWebSocket(url: string, { token, onFrame }: RawOptions): Promise<RawWebSocket> {
  const key = randomBytes(16).toString("base64");
  const socket = await connectTo(url);
  const head = readHead(socket);
  socket.write(
    handshake(url, { ...(token && { Authorization: `Bearer ${token}` }), "Sec-WebSocket-Key": key }),
  );
  const { status, headers, rest } = await head;
  if (status !== 101) {
    socket.destroy();
    throw new Error(`The upgrade was refused with ${status}`);
  }
  if (headers["sec-websocket-accept"] !== acceptOf(key)) throw new Error("The server accepted another key");
  return follow(socket, rest, onFrame);
}

function follow(socket: Socket, rest: Buffer, onFrame: RawOptions["onFrame"]): RawWebSocket {
  let code = 1006;
  let fault: Error | undefined;
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ending>();
  // Whoever awaits it is told of a fault; nobody has to.
  ended.catch(() => {});
  const read = createFrameReader((frame) => {
    if (frame.opcode === opcodes.close)
      code = frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0);
    onFrame(frame);
  });
  const take = (chunk: Buffer): void => {
    try {
      read(chunk);
    } catch (error) {
      fault = error as Error;
      socket.destroy();
    }
  };
  socket.on("close", () => (fault ? reject(fault) : resolve({ code })));
  if (rest.length > 0) take(rest);
  socket.on("data", take);
  return { socket, write: (bytes) => void (socket.writable && socket.write(bytes)), ended };
}

/** @throws Error where nobody listens */
export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
  // A connection that breaks is an ending like others; the promise of its close tells it.
  socket.on("error", () => {});
  socket.on("end", () => socket.end());
  await once(socket, "connect");
  return socket;
}

/** The request of RFC 6455 §4.1; a header of undefined is left out. */
export function handshake(url: string, headers: Readonly<Record<string, string | undefined>> = {}): string {
  const { host, pathname, search } = new URL(url);
  const all: Record<string, string | undefined> = {
    Host: host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "encore.v1",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}\r\n`,
  );
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** RFC 6455 §4.2.2. */
export const acceptOf = (key: string): string =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

export type ResponseHead = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What came behind it already. */
  readonly rest: Buffer;
};

/** Reads the head of the response; status 0 where the connection ended before it. */
export function readHead(socket: Socket): Promise<ResponseHead> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (head: ResponseHead) => {
      socket.off("data", onData).off("close", onClose);
      resolve(head);
    };
    const onClose = () => finish({ status: 0, headers: {}, rest: bytes });
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end >= 0) finish({ ...parseHead(bytes.toString("latin1", 0, end)), rest: bytes.subarray(end + 4) });
    };
    socket.on("data", onData).on("close", onClose);
  });
}

function parseHead(head: string): Omit<ResponseHead, "rest"> {
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine.split(" ")[1]), headers: Object.fromEntries(headers) };
}
