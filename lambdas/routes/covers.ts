import * as catalogue from "../../core/contract/catalogue.ts";
import { coverContentTypes, maxCoverBytes } from "../../core/contract/covers.ts";
import { songParams } from "./common.ts";
import type { Route } from "./route.ts";

export const coverOperations = [
  {
    area: "covers",
    operation: "putCover",
    method: "PUT",
    path: "/api/songs/{songId}/cover",
    summary: "Give a song a cover",
    access: "curator",
    params: songParams,
    bytes: { contentTypes: coverContentTypes, maxBytes: maxCoverBytes },
    success: { status: 200, schema: catalogue.Song },
    problems: ["not-found", "bad-picture", "conflict"],
  },
] as const satisfies readonly Route[];
