import { DomainError } from "../../core/domain/errors.ts";
import type { TaskProcess } from "./task-process.ts";

/**
 * Gives each task to a process that is free; as many as `queue` wait for one, in the order in which they came.
 * @throws DomainError `unavailable` beyond that, with when to come back
 */
export function createTaskPool<T, A>(
  processes: readonly TaskProcess<T, A>[],
  queue: number,
): TaskProcess<T, A> {
  const free = [...processes];
  const waiting: ((process: TaskProcess<T, A>) => void)[] = [];

  function take(): TaskProcess<T, A> | Promise<TaskProcess<T, A>> {
    const process = free.pop();
    if (process) return process;
    if (waiting.length >= queue)
      throw new DomainError("unavailable", "Many files are being looked into; try again", {
        retryAfterSeconds: 5,
      });
    return new Promise((resolve) => waiting.push(resolve));
  }
  function giveBack(process: TaskProcess<T, A>): void {
    const next = waiting.shift();
    if (next) next(process);
    else free.push(process);
  }
  return {
    async run(task) {
      const process = await take();
      try {
        return await process.run(task);
      } finally {
        giveBack(process);
      }
    },
    async close() {
      await Promise.all(processes.map((process) => process.close()));
    },
  };
}
