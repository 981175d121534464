import type { Environment } from "../core/domain/ports.ts";

/**
 * Makes what an entry of Lambda exports. The first call builds the handler from the process's environment and keeps it, so
 * that importing an entry has no effect.
 */
export function onFirstCall<D, A extends unknown[], R>(
  create: (deps: D) => (...args: A) => R,
  depsFor: (env: Environment) => D,
): (...args: A) => R {
  let handler: ((...args: A) => R) | undefined;
  return (...args) => {
    handler ??= create(depsFor(process.env));
    return handler(...args);
  };
}
