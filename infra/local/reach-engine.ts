import { within } from "./time-limit.ts";

/** As the SDK's request handlers have them: milliseconds for a connection, and for the answer after that. */
export type EngineTimeouts = {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: true;
};

export const engineTimeouts: EngineTimeouts = {
  connectionTimeout: 2_000,
  requestTimeout: 4_000,
  throwOnRequestTimeout: true,
};

/** How long an engine has to get tables or bucket ready (seconds). */
const readySeconds = 90;

/**
 * The outcome of the first work that an engine is given.
 * @param variable the one that names the engine's endpoint
 * @throws Error that says where nothing answers, and what to do
 */
export async function reachEngine<T>(variable: string, endpoint: string, work: Promise<T>): Promise<T> {
  const remedy = `start an engine there, or leave ${variable} out for the embedded one`;
  const place = `${variable}, which is ${endpoint},`;
  try {
    return await within(readySeconds, work, `${place} was not ready after ${readySeconds} s: ${remedy}`);
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    if (name === "TimeoutError")
      throw new Error(`${place} accepts connections and does not answer: ${remedy}`);
    if (code !== undefined) throw new Error(`${place} cannot be reached (${code}): ${remedy}`);
    throw error;
  }
}
