import cluster from "node:cluster";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What Node.js can do at best: the range from memory, no rules. `ORIGIN` is where the bytes are, `WORKERS` how many serve. */
const { ORIGIN = "", WORKERS = "1" } = process.env;
if (cluster.isPrimary && WORKERS !== "1") supervise(Number(WORKERS));
else await run();

function supervise(workers: number): void {
  for (let worker = 0; worker < workers; worker++) cluster.fork();
  process.once("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGTERM");
  });
}

async function run(): Promise<void> {
  const bytes = Buffer.from(await (await fetch(ORIGIN)).arrayBuffer());
  const server = createServer(({ headers: { range } }, response) => {
    const [, start = "0", end = bytes.length - 1] = /bytes=(\d+)-(\d+)/.exec(range ?? "") ?? [];
    const part = bytes.subarray(Number(start), Number(end) + 1);
    response.writeHead(range ? 206 : 200, { "content-length": part.length });
    response.end(part);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  console.log(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  process.once("SIGTERM", () => process.exit(0));
}
