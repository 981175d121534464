import cluster from "node:cluster";
import { startServer } from "./start.ts";
import { readWorkers, superviseWorkers } from "./workers.ts";

const workers = readWorkers(process.env);
if (workers > 1 && cluster.isPrimary) superviseWorkers(process.env, workers);
else await serve();

async function serve(): Promise<void> {
  const server = await startServer(process.env);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, async () => {
      await server.close();
      process.exit(0);
    });
  }
}
