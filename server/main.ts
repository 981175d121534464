import cluster from "node:cluster";
import { readWorkers, superviseWorkers } from "./workers.ts";

const workers = readWorkers(process.env);
if (workers > 1 && cluster.isPrimary) superviseWorkers(process.env, workers);
else await serve();

async function serve(): Promise<void> {
  // Here, since a process that only supervises others has no use for all of this.
  const { startServer } = await import("./start.ts");
  const server = await startServer(process.env);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, async () => {
      await server.close();
      process.exit(0);
    });
  }
}
