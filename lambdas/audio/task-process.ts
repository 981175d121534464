import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { DomainError } from "../../core/domain/errors.ts";

export type TaskProcessOptions = {
  /** The code that answers each message by one. */
  readonly file: URL;
  /** V8's heap of old objects (MiB); beyond it the process ends. */
  readonly heapMiB: number;
  /** A task that takes longer ends with its process (ms). */
  readonly deadlineMs: number;
  /** A process that has nothing to do for so long ends (ms). */
  readonly idleMs: number;
};

export type TaskProcess<T, A> = {
  /** One task after the other. @throws DomainError `bad-audio` where the process died of it or was not through in time */
  run(task: T): Promise<A>;
  /** Ends the process; its task fails as `unavailable`, and so does each that comes after it. */
  close(): Promise<void>;
};

/** Starts a process with the first task, keeps it for the next ones, and replaces it when one ends it. */
export function createTaskProcess<T extends object, A>(options: TaskProcessOptions): TaskProcess<T, A> {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  const end = (signal: NodeJS.Signals = "SIGKILL"): void => {
    child?.kill(signal);
    child = undefined;
  };
  return {
    async run(task) {
      if (closed) throw new DomainError("unavailable");
      clearTimeout(idle);
      // One with nothing to do may have been ended from outside.
      if (!child || !isRunning(child)) child = start(options);
      hold(child);
      try {
        return await ask<A>(child, task, options.deadlineMs);
      } catch (error) {
        end();
        throw error;
      } finally {
        if (child) letGo(child);
        idle = setTimeout(end, options.idleMs, "SIGKILL").unref();
      }
    },
    async close() {
      closed = true;
      clearTimeout(idle);
      if (child) hold(child);
      const ended = child && isRunning(child) ? once(child, "exit") : undefined;
      end("SIGTERM");
      await ended;
    },
  };
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

function start({ file, heapMiB }: TaskProcessOptions): ChildProcess {
  const child = fork(file, [], {
    // It reads what strangers made: it is given no key of ours.
    env: {},
    execArgv: [`--max-old-space-size=${heapMiB}`],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  child.on("error", () => {});
  return child;
}

/** Whether the process that waits for it may end meanwhile. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

const tooMuch = (what: string): DomainError =>
  new DomainError("bad-audio", `The file is damaged: reading it takes more ${what} than any song needs`);

async function ask<A>(child: ChildProcess, task: object, deadlineMs: number): Promise<A> {
  const { promise, resolve, reject } = Promise.withResolvers<A>();
  const onMessage = (answer: unknown): void => resolve(answer as A);
  const onExit = (_: number | null, signal: NodeJS.Signals | null): void => reject(whyEnded(signal));
  const timer = setTimeout(() => reject(tooMuch("time")), deadlineMs);
  child.on("message", onMessage).on("exit", onExit).on("error", reject);
  child.send(task, (error) => error && reject(new DomainError("unavailable")));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.off("message", onMessage).off("exit", onExit).off("error", reject);
  }
}

/** Ended from outside, it says nothing of the file; otherwise it died of it, or of the memory that it took. */
const whyEnded = (signal: NodeJS.Signals | null): DomainError =>
  signal === "SIGTERM" || signal === "SIGHUP" ? new DomainError("unavailable") : tooMuch("memory");
