import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A network that fails to order: everything that is sent to `port` reaches the target, as far as it is let through. */
export type TcpProxy = {
  readonly port: number;
  /** Resets every connection. */
  cut(): void;
  /** Resets every connection of now when so many more bytes have passed to the client, in the middle of a frame too. */
  cutAfter(bytes: number): void;
  /** Resets every connection, also later ones, as soon as an answer begins: what was asked for is done all the same. */
  loseAnswers(): void;
  /** Lets nothing through and says nothing, as a dead network does. */
  stall(): void;
  /** Resets what is open and what is opened from now on. */
  refuse(): void;
  /** A good network again. */
  heal(): void;
  close(): Promise<void>;
};

type Pair = { readonly client: Socket; readonly upstream: Socket; budget: number };

/** @param target the port to connect to now; undefined where nobody listens */
export async function startTcpProxy(target: () => number | undefined): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let mode: "good" | "stalled" | "refusing" = "good";
  let budgetOfNew = Number.POSITIVE_INFINITY;

  const reset = ({ client, upstream }: Pair): void => {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  };
  const hold = ({ client, upstream }: Pair): void => {
    client.pause();
    upstream.pause();
  };
  const release = ({ client, upstream }: Pair): void => {
    client.resume();
    upstream.resume();
  };

  const forward = (from: Socket, to: Socket, pair: Pair, isAnswer: boolean): void => {
    from.on("error", () => {});
    from.on("end", () => to.end());
    from.on("close", () => to.destroy());
    from.on("data", (chunk: Buffer) => {
      const part = isAnswer ? chunk.subarray(0, pair.budget) : chunk;
      if (isAnswer) pair.budget -= part.length;
      if (!to.write(part)) {
        from.pause();
        to.once("drain", () => mode !== "stalled" && from.resume());
      }
      if (pair.budget <= 0) setImmediate(reset, pair);
    });
  };

  const server = createServer((client) => {
    const port = mode === "refusing" ? undefined : target();
    if (port === undefined) return void client.on("error", () => {}).resetAndDestroy();
    const pair: Pair = { client, upstream: connect(port, "127.0.0.1"), budget: budgetOfNew };
    pairs.add(pair);
    pair.upstream.on("close", () => pairs.delete(pair));
    forward(client, pair.upstream, pair, false);
    forward(pair.upstream, client, pair, true);
    if (mode === "stalled") hold(pair);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    cut: () => pairs.forEach(reset),
    cutAfter(bytes) {
      for (const pair of pairs) pair.budget = bytes;
    },
    loseAnswers() {
      budgetOfNew = 1;
      for (const pair of pairs) pair.budget = 1;
    },
    stall() {
      mode = "stalled";
      pairs.forEach(hold);
    },
    refuse() {
      mode = "refusing";
      pairs.forEach(reset);
    },
    heal() {
      mode = "good";
      budgetOfNew = Number.POSITIVE_INFINITY;
      pairs.forEach(release);
    },
    async close() {
      mode = "refusing";
      pairs.forEach(reset);
      server.close();
      await once(server, "close");
    },
  };
}
