import type { Environment } from "../../core/domain/ports.ts";
import type { DocsDeps } from "../docs.ts";
import type { HttpDeps } from "../http/handler.ts";
import { httpDeps } from "./http.ts";
import { databaseFor } from "./stores.ts";

/** `PUBLIC_URL`: where clients find this API. */
export const docsDeps = (env: Environment): HttpDeps & DocsDeps => ({
  ...httpDeps(env, databaseFor(env)),
  publicUrl: env.PUBLIC_URL ?? "/",
});
