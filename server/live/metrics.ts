import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Hub } from "./hub.ts";
import type { HubStats } from "./stats.ts";

/** What Prometheus reads of this process. */
export function createMetrics(hub: Pick<Hub, "stats" | "size">): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: "encore_live_connections",
    help: "Open client connections",
    registers,
    collect() {
      this.set(hub.size());
    },
  });
  for (const [key, name, help] of counters) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(hub.stats[key]);
      },
    });
  }
  new Counter({
    name: "encore_live_ended_total",
    help: "Client connections that this node ended, by reason",
    labelNames: ["reason"],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(hub.stats.ended)) this.inc({ reason }, count);
    },
  });
  return registry;
}

const counters = [
  ["opened", "encore_live_opened_total", "Client connections opened"],
  ["received", "encore_live_received_total", "Frames received"],
  ["sent", "encore_live_sent_total", "Messages sent"],
  ["sentBytes", "encore_live_sent_bytes_total", "Bytes of messages sent, without the frames around them"],
  ["pushes", "encore_live_pushes_total", "Push batches taken"],
] as const satisfies readonly (readonly [keyof HubStats, string, string])[];
