import { within } from "./time-limit.ts";

type Stop = () => Promise<unknown>;

export type Shutdown = {
  /** What must be ended, said as "the server node"; the last added is ended first. */
  add(name: string, stop: Stop): void;
  /**
   * Ends everything. What hangs or fails keeps nothing else from being ended.
   * @throws Error that names what did not end, and why
   */
  run(): Promise<void>;
};

/** @param seconds how long each part may take */
export function createShutdown(seconds: number): Shutdown {
  const parts: { readonly name: string; readonly stop: Stop }[] = [];

  async function end({ name, stop }: (typeof parts)[number]): Promise<string[]> {
    try {
      await within(seconds, stop(), `had not ended after ${seconds} s`);
      return [];
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  }

  return {
    add: (name, stop) => void parts.push({ name, stop }),
    async run() {
      const failures: string[] = [];
      for (const part of parts.splice(0).reverse()) failures.push(...(await end(part)));
      if (failures.length > 0) throw new Error(failures.join("; "));
    },
  };
}
