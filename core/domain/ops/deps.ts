import type { SessionStore } from "../accounts/ports.ts";
import type { AuditLog } from "../audit.ts";
import type { ConnectionStore } from "../live/cluster/ports.ts";
import type { Registry } from "../live/cluster/registry.ts";
import type { PushDispatcher } from "../live/push/dispatcher.ts";
import type { Clock } from "../ports.ts";

export type OpsDeps = {
  readonly connections: Pick<ConnectionStore, "scan" | "ofUser" | "find">;
  readonly registry: Pick<Registry, "list" | "resolve" | "isAlive">;
  readonly dispatcher: PushDispatcher;
  readonly sessions: Pick<SessionStore, "delete" | "getMany">;
  readonly audit: AuditLog;
  readonly clock: Clock;
};
