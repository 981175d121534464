import type { SessionStore } from "../accounts/ports.ts";
import type { AuditLog } from "../audit.ts";
import type { Courier } from "../live/courier.ts";
import type { ConnectionStore } from "../live/ports.ts";
import type { Registry } from "../live/registry.ts";
import type { Clock } from "../ports.ts";

export type OpsDeps = {
  readonly connections: Pick<ConnectionStore, "scan" | "reach" | "find">;
  readonly registry: Pick<Registry, "list" | "resolve" | "isAlive">;
  readonly courier: Courier;
  readonly sessions: Pick<SessionStore, "delete" | "getMany">;
  readonly audit: AuditLog;
  readonly clock: Clock;
};
