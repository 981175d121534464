import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";

type Handlers = Readonly<Record<string, (input: never) => unknown>>;
type Call = { readonly id: number; readonly name: string; readonly input: unknown };
type Answer = { readonly id: number; readonly result?: unknown; readonly error?: string };

/**
 * Answers the parent's calls, in a process that was forked for them, and ends with the parent however that ends.
 * @param cleanUp to be done before the end
 */
export function serve(handlers: Handlers, cleanUp: () => Promise<void> = async () => {}): void {
  // Ctrl+C reaches every process of the terminal: the parent ends by it, and so does this one, in order.
  process.on("SIGINT", () => {});
  process.once("disconnect", () => cleanUp().finally(() => process.exit()));
  process.on("message", async ({ id, name, input }: Call) => {
    const answer: Answer = await Promise.resolve()
      .then(() => handlers[name]?.(input as never))
      .then(
        (result) => ({ id, result }),
        (error: Error) => ({ id, error: error.stack ?? error.message }),
      );
    process.send?.(answer);
  });
  process.send?.("ready");
}

/** A process that has not ended by then is cut. */
const endsWithinMs = 5_000;

/** A process of one file, whose handlers are called by name. */
export type Host = {
  call<Result = void>(name: string, input?: unknown): Promise<Result>;
  end(): Promise<void>;
};

export async function startHost(path: string, settings: Record<string, string> = {}): Promise<Host> {
  const file = basename(path);
  const child = fork(path, {
    execArgv: ["--expose-gc", "--no-warnings"],
    env: { ...process.env, ...settings },
    serialization: "advanced",
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on("exit", (code) => {
    for (const call of waiting.values()) call.reject(new Error(`${file} ended with ${code}`));
  });
  await ready(child, file);
  child.on("message", ({ id, result, error }: Answer) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  });
  return {
    async call<Result>(name: string, input?: unknown) {
      const answer = Promise.withResolvers<unknown>();
      const id = ++lastId;
      waiting.set(id, answer);
      child.send({ id, name, input } satisfies Call);
      return (await answer.promise) as Result;
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      const late = setTimeout(() => child.kill("SIGKILL"), endsWithinMs);
      child.disconnect();
      await exited;
      clearTimeout(late);
    },
  };
}

async function ready(child: ChildProcess, file: string): Promise<void> {
  const died = once(child, "exit").then(() => Promise.reject(new Error(`${file} ended before it was ready`)));
  died.catch(() => {});
  await Promise.race([once(child, "message"), died]);
}
