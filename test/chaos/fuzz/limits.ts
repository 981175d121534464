import type { FloodLimits } from "../../../server/live/flood.ts";

/** For a node that is to be fuzzed: as much as a client likes. The limit itself has tests of its own. */
export const noFloodLimit: FloodLimits = { burst: 1e9, framesPerSecond: 1e9 };
