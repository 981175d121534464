import { createSearchIndexWriter } from "../../core/aws/search-index-store.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { IndexMusicDeps } from "../index-music.ts";
import { databaseFor, storageFor } from "./stores.ts";

export const indexMusicDeps = (env: Environment): IndexMusicDeps => ({
  index: createSearchIndexWriter({ database: databaseFor(env), ...storageFor(env), clock: systemClock }),
});
