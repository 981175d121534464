import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import type { AuditLog } from "../domain/audit.ts";
import type { Clock } from "../domain/ports.ts";
import type { Database } from "./clients.ts";

const keptSeconds = 400 * 86_400;

/** The table `audit`: a partition a day, kept for thirteen months. */
export function createAuditLog({ client, table }: Database, clock: Clock): AuditLog {
  const TableName = table("audit");
  return {
    async record(entry) {
      const now = clock.now();
      const at = now.toISOString();
      const ttl = Math.floor(now.getTime() / 1000) + keptSeconds;
      const sk = ulid(now.getTime());
      await client.send(new PutCommand({ TableName, Item: { ...entry, day: at.slice(0, 10), sk, at, ttl } }));
    },
  };
}
