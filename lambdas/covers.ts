import { type CoverDeps, putCover } from "../core/domain/uploads/put-cover.ts";
import { type HttpDeps, restHandler } from "./http/handler.ts";

/** A function of its own: decoding pictures takes memory, and neither lists nor uploads shall wait for its start. */
export const createCoversHandler = restHandler<"covers", HttpDeps & CoverDeps>("covers", { putCover });
