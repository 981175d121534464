import type { ChildProcess } from "node:child_process";
import { type Child, startChild } from "./child.ts";
import type { Answer, FunctionName, Invocation, LambdaSettings } from "./lambda-host.ts";

/** Functions in a process of their own. A killed one fails what it was doing, and the next call meets a new one. */
export type Lambda = {
  invoke<Result>(name: FunctionName, event: unknown): Promise<Result>;
  /** kill -9, in the middle of whatever it does. */
  kill(): void;
  /** How often it was killed. */
  kills(): number;
  close(): Promise<void>;
};

type Waiting = Map<number, PromiseWithResolvers<unknown>>;
type Running = { readonly child: Child<"ready">; readonly waiting: Waiting };

export function startLambda(settings: LambdaSettings): Lambda {
  let lastId = 0;
  let killed = 0;
  let closed = false;
  let current = run(settings);
  /** Warm already, so that a kill costs no start. */
  let spare = run(settings);

  const replace = (): Running => {
    const dead = current;
    current = spare;
    spare = run(settings);
    return dead;
  };

  return {
    async invoke<Result>(name: FunctionName, event: unknown) {
      const running = current;
      await running.child.ready;
      const answer = Promise.withResolvers<unknown>();
      const id = ++lastId;
      running.waiting.set(id, answer);
      send(running.child.process, { id, name, event });
      return (await answer.promise) as Result;
    },
    kill() {
      if (closed) return;
      killed++;
      replace().child.process.kill("SIGKILL");
    },
    kills: () => killed,
    async close() {
      closed = true;
      for (const { child } of [current, spare]) child.process.kill("SIGKILL");
      await Promise.all([current.child.exited, spare.child.exited]);
    },
  };
}

function run(settings: LambdaSettings): Running {
  const child = startChild<"ready">(new URL("./lambda-host.ts", import.meta.url), settings);
  const waiting: Waiting = new Map();
  child.process.on("message", (answer: Answer | "ready") => {
    if (answer === "ready") return;
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) call?.reject(new Error(answer.error));
    else call?.resolve(answer.result);
  });
  child.process.on("exit", () => {
    for (const call of waiting.values()) call.reject(new Error("The function's process was killed"));
    waiting.clear();
  });
  return { child, waiting };
}

const send = (process: ChildProcess, invocation: Invocation): void => {
  process.send(invocation, () => {});
};
