import { WebSocket } from "ws";
import { serve } from "../support/rpc.ts";
import { usage, wallMs } from "../support/usage.ts";

/** Clients without number, in a process of their own, so that their work is not the server's. */
type Opening = {
  readonly url: string;
  readonly tokens: readonly string[];
  /** Sockets that are being opened at a time. */
  readonly parallel: number;
};
export type Opened = { readonly connectionIds: string[]; readonly errors: number; readonly ms: number };

const sockets = new Set<WebSocket>();
let latencies: number[] = [];
const arrivals = new Map<string, number>();
/** Addresses of this machine to come from: each has ports of its own. */
const addresses = Array.from({ length: 8 }, (_, at) => `127.0.0.${at + 2}`);

function receive(text: string): void {
  const sentAt = /"at":([\d.]+)/.exec(text)?.[1];
  if (sentAt) latencies.push(wallMs() - Number(sentAt));
  const tag = /"tags":\["([^"]+)"\]/.exec(text)?.[1];
  if (tag) arrivals.set(tag, wallMs());
}

/** Opens one session and says hello; resolves with its id when it is welcomed. */
function open(url: string, token: string, at: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = new WebSocket(url, "encore.v1", {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    localAddress: addresses[at % addresses.length],
    skipUTF8Validation: true,
  });
  socket.on("open", () => {
    sockets.add(socket);
    const device = { id: `device-${at}`, name: "Bench" };
    socket.send(JSON.stringify({ type: "hello", epoch: "bench-epoch", since: 0, device }));
  });
  socket.on("message", (data) => {
    const text = String(data);
    if (text.startsWith('{"type":"welcome"')) resolve(JSON.parse(text).connectionId);
    else receive(text);
  });
  socket.on("error", reject);
  socket.on("close", () => {
    sockets.delete(socket);
    reject(new Error("It was closed"));
  });
  return promise;
}

serve({
  async open({ url, tokens, parallel }: Opening): Promise<Opened> {
    const connectionIds: string[] = [];
    let next = 0;
    let errors = 0;
    const began = performance.now();
    const work = async (): Promise<void> => {
      for (let at = next++; at < tokens.length; at = next++) {
        const id = await open(url, tokens[at] ?? "", at).catch(() => undefined);
        if (id) connectionIds.push(id);
        else errors++;
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return { connectionIds, errors, ms: performance.now() - began };
  },
  async close() {
    const all = [...sockets].map((socket) => {
      const gone = new Promise((resolve) => socket.on("close", resolve));
      socket.terminate();
      return gone;
    });
    await Promise.all(all);
  },
  /** Latencies of what arrived since the last time, in milliseconds, in order of size. */
  latencies() {
    const sorted = Float64Array.from(latencies).sort();
    latencies = [];
    return sorted;
  },
  count: () => latencies.length,
  /** When each tag arrived. */
  arrivals: () => arrivals,
  ...usage,
});
