import { readAwsConfig } from "../../core/aws/config.ts";
import type { Environment } from "../../core/domain/ports.ts";
import type { PushHandlerDeps } from "../push.ts";
import { connectionsDeps } from "./connections.ts";
import { databaseFor } from "./stores.ts";

export function pushDeps(env: Environment): PushHandlerDeps {
  const { tablePrefix } = readAwsConfig(env);
  return { ...connectionsDeps(env, databaseFor(env)), tablePrefix };
}
