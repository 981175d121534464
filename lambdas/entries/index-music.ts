import { indexMusicDeps, onFirstCall } from "../deps.ts";
import { createIndexMusicHandler } from "../index-music.ts";

export const handler = onFirstCall(createIndexMusicHandler, indexMusicDeps);
