import { DomainError } from "../../errors.ts";
import type { ConnectionRow } from "../cluster/ports.ts";

/** How many live connections one account may have, over all endpoints. */
export const maxConnections = 20;
/** When who was refused is to come back: by then others may have ended. */
export const retryAfterSeconds = 60;

/** What one who comes beyond the limit is told. */
export const tooManyConnections = (): DomainError =>
  new DomainError(
    "too-many-connections",
    `Your account has ${maxConnections} connections already; close Encore on another device or in another tab`,
    { retryAfterSeconds },
  );

/** The rows of connections that stand elsewhere, by what serves there. */
export const countElsewhere = (
  rows: readonly Pick<ConnectionRow, "endpointId">[],
  own: string,
  isServing: (endpointId: string) => boolean,
): number => rows.filter(({ endpointId }) => endpointId !== own && isServing(endpointId)).length;
