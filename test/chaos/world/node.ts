import { type Child, startChild } from "./child.ts";

/** A server node in a process of its own, which comes back when it was killed or drained. */
export type ChaosNode = {
  /** Where its public side listens just now; undefined while nobody does. */
  port(): number | undefined;
  /** Resolves when the one of now listens. */
  ready(): Promise<void>;
  /** kill -9; another process takes its place. Resolves when this one is dead. */
  kill(): Promise<void>;
  /** SIGTERM: it drains, while another process takes its place. */
  drain(): void;
  restarts(): number;
  close(): Promise<void>;
};

/** What a node's process says when it listens. */
export type NodeReady = { readonly port: number };

/** @param host the file of its process, which says its port when it is ready */
export function startNode(host: URL, settings: object): ChaosNode {
  const all = new Set<Child<NodeReady>>();
  let restarts = 0;
  let port: number | undefined;
  let closed = false;
  let current = start();

  function start(): Child<NodeReady> {
    const child = startChild<NodeReady>(host, settings);
    all.add(child);
    child.process.on("exit", () => all.delete(child));
    child.ready.then(
      (ready) => {
        if (child === current) port = ready.port;
      },
      () => {},
    );
    return child;
  }

  const replace = async (signal: NodeJS.Signals): Promise<void> => {
    if (closed) return;
    restarts++;
    port = undefined;
    const old = current;
    current = start();
    // One that is only just starting has nothing to drain, and does not know the signal yet.
    await old.ready.catch(() => {});
    old.process.kill(signal);
    await old.exited;
  };

  return {
    port: () => port,
    ready: async () => void (await current.ready),
    kill: () => replace("SIGKILL"),
    drain: () => void replace("SIGTERM"),
    restarts: () => restarts,
    async close() {
      closed = true;
      const left = [...all];
      for (const { process } of left) process.kill("SIGKILL");
      await Promise.all(left.map(({ exited }) => exited));
    },
  };
}
