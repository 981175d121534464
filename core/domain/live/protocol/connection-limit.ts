import { DomainError } from "../../errors.ts";
import type { ConnectionRow } from "../cluster/ports.ts";

/** Most live connections of one account, over all endpoints. */
export const maxConnections = 20;
/** Seconds until a refused client comes back: others may have ended by then. */
export const retryAfterSeconds = 60;

/** The refusal of a connection beyond the limit. */
export const tooManyConnections = (): DomainError =>
  new DomainError(
    "too-many-connections",
    `Your account has ${maxConnections} connections already; close Encore on another device or in another tab`,
    { retryAfterSeconds },
  );

/** The number of connections at other endpoints that are serving. */
export const countElsewhere = (
  rows: readonly Pick<ConnectionRow, "endpointId">[],
  own: string,
  isServing: (endpointId: string) => boolean,
): number => rows.filter(({ endpointId }) => endpointId !== own && isServing(endpointId)).length;
