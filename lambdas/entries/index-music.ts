import { indexMusicDeps } from "../deps/index-music.ts";
import { createIndexMusicHandler } from "../index-music.ts";
import { onFirstCall } from "../on-first-call.ts";

export const handler = onFirstCall(createIndexMusicHandler, indexMusicDeps);
