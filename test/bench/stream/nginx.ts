import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";

import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ServerProcess } from "../support/server-process.ts";
import type { Song } from "./seed.ts";
import type { Stage } from "./stage.ts";

/** One way to set nginx up: whole objects or slices in the cache, full packets or not. */
export type Variant = { readonly name: string; readonly slice: boolean; readonly nopush: boolean };

export const nginxSlice: Variant = { name: "nginx slice", slice: true, nopush: false };
export const variants: readonly Variant[] = [
  { name: "nginx", slice: false, nopush: false },
  { name: "nginx tcp_nopush", slice: false, nopush: true },
  nginxSlice,
  { name: "nginx slice tcp_nopush", slice: true, nopush: true },
];

/** nginx with two workers before the same S3, with a cache of its own. */
export async function startNginx(
  { folder, own }: Stage,
  songs: readonly Song[],
  variant: Variant,
): Promise<ServerProcess> {
  const home = await mkdtemp(join(folder, "nginx-"));
  await mkdir(join(home, "temp"));
  const port = await freePort();
  const file = join(home, "nginx.conf");
  await writeFile(file, configuration(home, port, songs, variant));
  const nginx = spawn("nginx", ["-e", join(home, "error.log"), "-c", file], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exited = once(nginx, "exit");
  const stop = async () => {
    nginx.kill("SIGTERM");
    await exited;
  };
  const server = own({ url: `http://127.0.0.1:${port}`, pid: Number(nginx.pid), stop });
  await answers(`${server.url}/ready`).catch(async (error) => {
    throw new Error(await readFile(join(home, "error.log"), "utf8"), { cause: error });
  });
  return server;
}

function configuration(home: string, port: number, songs: readonly Song[], variant: Variant): string {
  const { slice, nopush } = variant;
  const caching = slice
    ? "slice 256k; proxy_cache_key $uri$slice_range; proxy_set_header Range $slice_range; proxy_cache_valid 200 206 1h;"
    : "proxy_cache_key $uri; proxy_cache_valid 200 1h;";
  const locations = songs.map(({ path, direct }) => {
    const { host } = new URL(direct);
    return `location = ${path} { ${caching} proxy_cache songs; proxy_http_version 1.1; proxy_set_header Host ${host};
      proxy_pass ${direct}; }`;
  });
  // The workers must be able to read the cache's folder, which is this user's.
  return `${process.getuid?.() === 0 ? "user root;" : ""} worker_processes 2; daemon off; pid ${home}/nginx.pid;
    events { worker_connections 4096; }
    http { access_log off; sendfile on; tcp_nopush ${nopush ? "on" : "off"}; keepalive_requests 10000000;
      ${temporary.map((user) => `${user}_temp_path ${home}/temp;`).join(" ")}
      proxy_cache_path ${home}/cache keys_zone=songs:10m max_size=2g use_temp_path=off;
      server { listen 127.0.0.1:${port}; location = /ready { return 204; } ${locations.join("\n")} } }`;
}

/** Every module makes its folder at the start, used or not; elsewhere it need not be allowed to. */
const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await wait(50);
  }
  throw new Error(`${url} does not answer`);
}
