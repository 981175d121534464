import type { Log } from "../core/domain/ports.ts";
import { type ObjectSweepDeps, sweepObjects } from "../core/domain/uploads/sweep.ts";

export type SweepObjectsDeps = ObjectSweepDeps & { readonly log: Log };

/** Runs once a day. What it has no time for is there the next day. */
export const createSweepObjectsHandler = (deps: SweepObjectsDeps) => async (): Promise<void> => {
  const deleted = await sweepObjects(deps);
  if (deleted > 0) deps.log.info({ deleted }, "Objects that no song has were deleted");
};
