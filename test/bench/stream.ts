import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createDatabase, createS3Client } from "../../core/aws/clients.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import { signIn } from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import { loginAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";
import { sampleAudio } from "../support/sample-audio.ts";

/**
 * Encore, nginx with two workers in four configurations, and a bare Node.js server from memory, from one origin, in
 * turn. The load comes from wrk. Both are Debian packages: `apt-get install nginx wrk`.
 */
const rounds = 5;
const seconds = 2;
const connections = 32;
const sizes = { "64 KiB": 64 * 1024, "256 KiB": 256 * 1024, "1 MiB": 1024 * 1024 };

for (const [program, flag] of [
  ["nginx", "-v"],
  ["wrk", "-v"],
] as const) {
  try {
    execFileSync(program, [flag], { stdio: "ignore" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") continue;
    console.error(`This bench needs ${program}, which is not installed here`);
    process.exit(2);
  }
}

const folder = await mkdtemp(join(tmpdir(), "encore-bench-"));
const stops: (() => Promise<unknown> | unknown)[] = [() => rm(folder, { recursive: true, force: true })];
try {
  await run();
} finally {
  for (const stop of stops.reverse()) await stop();
}

async function run(): Promise<void> {
  const encore = await startTestEncore();
  stops.push(encore.close);
  const listener = await loginAt(encore.url, "listener@example.com", "encore-demo-password");
  const { songId, direct, bytes } = await uploadSong(encore);
  const nginx = await startNginx(direct);
  const bare = await startBare(bytes);
  const authorization = `Authorization: Bearer ${listener.accessToken}`;
  const targets = {
    Encore: { url: `${encore.url}/stream/${songId}`, headers: [authorization] },
    "bare Node.js": { url: bare, headers: [] },
    ...nginx,
  };

  await coldFirstByte(
    `${encore.url}/stream/${songId}`,
    { authorization: `Bearer ${listener.accessToken}` },
    direct,
  );
  for (const { url, headers } of Object.values(targets)) await warm(url, headers);
  for (const [name, size] of Object.entries(sizes)) compare(name, await measureAll(targets, size));
}

type Target = { readonly url: string; readonly headers: readonly string[] };
type Sample = { readonly perSecond: number; readonly p99Ms: number };

async function measureAll(
  targets: Readonly<Record<string, Target>>,
  size: number,
): Promise<Map<string, Sample[]>> {
  const samples = new Map(Object.keys(targets).map((name) => [name, [] as Sample[]]));
  for (let round = 0; round < rounds; round++)
    for (const [name, target] of Object.entries(targets))
      samples.get(name)?.push(await measure(target, size));
  return samples;
}

async function measure({ url, headers }: Target, size: number): Promise<Sample> {
  const all = [...headers, `Range: bytes=0-${size - 1}`].flatMap((header) => ["-H", header]);
  const args = ["-t1", `-c${connections}`, `-d${seconds}`, "--latency", ...all, url];
  // Not synchronously: two of the servers are in this very process.
  const { stdout: output } = await promisify(execFile)("wrk", args);
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(output);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
  const [, amount = "", unit = ""] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? [];
  return { perSecond, p99Ms: Number(amount) * { us: 0.001, ms: 1, s: 1000 }[unit as "us" | "ms" | "s"] };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Ratios within each round, against the nginx that was best over all of them. */
function compare(size: string, samples: ReadonlyMap<string, readonly Sample[]>): void {
  const rate = (name: string) => (samples.get(name) ?? []).map(({ perSecond }) => perSecond);
  const nginx = [...samples.keys()].filter((name) => name.startsWith("nginx"));
  const best = nginx.toSorted((a, b) => median(rate(b)) - median(rate(a)))[0] ?? "";
  console.log(`\nwarm ranges of ${size}, ${connections} connections, ${rounds} rounds of ${seconds} s`);
  for (const [name, all] of samples) {
    const ratios = all.map(({ perSecond }, round) => perSecond / (rate(best)[round] ?? 1));
    const p99 = median(all.map(({ p99Ms }) => p99Ms)).toFixed(1);
    const mark = name === best ? " (the best nginx)" : "";
    console.log(
      `  ${name.padEnd(24)} ${median(rate(name)).toFixed(0).padStart(6)}/s  p99 ${p99.padStart(5)} ms  ${median(ratios).toFixed(2)}x${mark}`,
    );
  }
}

/** Blocks that nobody has asked for yet, by turns through Encore and straight from the store. */
async function coldFirstByte(url: string, headers: Record<string, string>, direct: string): Promise<void> {
  const block = 256 * 1024;
  const samples = { encore: [] as number[], direct: [] as number[] };
  const first = async (from: string, more: Record<string, string>, start: number): Promise<number> => {
    const asked = performance.now();
    const answer = await fetch(from, { headers: { ...more, range: `bytes=${start}-${start + 65_535}` } });
    const reader = answer.body?.getReader();
    await reader?.read();
    const took = performance.now() - asked;
    while (!(await reader?.read())?.done);
    return took;
  };
  await first(url, headers, 0);
  await first(direct, {}, 0);
  for (let turn = 1; turn < 60; turn++) {
    // Every other block, since the next one is read ahead.
    samples.encore.push(await first(url, headers, turn * 2 * block));
    samples.direct.push(await first(direct, {}, turn * 2 * block));
  }
  const ratio = median(samples.encore) / median(samples.direct);
  console.log(
    `cold first byte: ${median(samples.encore).toFixed(2)} ms, direct ${median(samples.direct).toFixed(2)} ms, ${ratio.toFixed(2)}x`,
  );
}

async function warm(url: string, headers: readonly string[]): Promise<void> {
  const named = headers.map((header) => header.split(/: (.*)/s).slice(0, 2) as [string, string]);
  await (await fetch(url, { headers: named })).arrayBuffer();
  for (let start = 0; start < 1024 * 1024; start += 256 * 1024)
    await (
      await fetch(url, { headers: [...named, ["range", `bytes=${start}-${start + 262_143}`]] })
    ).arrayBuffer();
}

async function uploadSong({ url, env }: Awaited<ReturnType<typeof startTestEncore>>) {
  const bytes = await sampleAudio({ format: "wav", seconds: 200 });
  const path = join(folder, "song.wav");
  await writeFile(path, bytes);
  const api = await signIn(url, "curator@example.com", "encore-demo-password");
  const outcome = await uploadFile(api, { path, contentType: "audio/wav" });
  if (outcome.status !== "added") throw new Error("The song was there already");
  const identity = {
    region: String(env.AWS_REGION),
    credentials: {
      accessKeyId: String(env.AWS_ACCESS_KEY_ID),
      secretAccessKey: String(env.AWS_SECRET_ACCESS_KEY),
    },
  };
  const database = createDatabase("encore-", {
    ...identity,
    endpoint: String(env.AWS_ENDPOINT_URL_DYNAMODB),
  });
  const record = await createSongStore(database).get(outcome.song.songId);
  const s3 = createS3Client({ ...identity, endpoint: String(env.AWS_ENDPOINT_URL_S3) });
  const object = new GetObjectCommand({ Bucket: "encore-music", Key: record?.audio.key });
  return { songId: outcome.song.songId, direct: await getSignedUrl(s3, object, { expiresIn: 3600 }), bytes };
}

async function startNginx(direct: string): Promise<Record<string, Target>> {
  const origin = new URL(direct);
  const variants = [
    { name: "nginx", slice: false, nopush: "off" },
    { name: "nginx tcp_nopush", slice: false, nopush: "on" },
    { name: "nginx slice", slice: true, nopush: "off" },
    { name: "nginx slice tcp_nopush", slice: true, nopush: "on" },
  ];
  const ports = await Promise.all(variants.map(freePort));
  const servers = variants.map(({ slice, nopush }, at) => {
    const caching = slice
      ? "slice 256k; proxy_cache_key $uri$slice_range; proxy_set_header Range $slice_range; proxy_cache_valid 200 206 1h;"
      : "proxy_cache_key $uri; proxy_cache_valid 200 1h;";
    return `server { listen 127.0.0.1:${ports[at]}; tcp_nopush ${nopush};
      location = /song { ${caching} proxy_cache cache${at}; proxy_http_version 1.1; proxy_set_header Host ${origin.host};
        proxy_pass http://${origin.host}${origin.pathname}${origin.search}; } }`;
  });
  const caches = variants.map(
    (_, at) =>
      `proxy_cache_path ${folder}/cache${at} keys_zone=cache${at}:10m max_size=1g use_temp_path=off;`,
  );
  const config = join(folder, "nginx.conf");
  await mkdir(join(folder, "temp"));
  await writeFile(
    config,
    `${process.getuid?.() === 0 ? "user root;" : ""} worker_processes 2; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 1024; }
    http { access_log off; sendfile on; keepalive_requests 10000000; client_body_temp_path ${folder}/temp;
      proxy_temp_path ${folder}/temp; ${caches.join("\n")} ${servers.join("\n")} }`,
  );
  const nginx: ChildProcess = spawn("nginx", ["-c", config], { stdio: ["ignore", "inherit", "inherit"] });
  stops.push(async () => {
    nginx.kill("SIGTERM");
    await once(nginx, "exit");
  });
  const entries = variants.map(
    ({ name }, at) => [name, { url: `http://127.0.0.1:${ports[at]}/song`, headers: [] }] as const,
  );
  for (const [, { url }] of entries) await answers(url);
  return Object.fromEntries(entries);
}

/** What Node.js can do at best: one process, the range from memory, no rules. */
async function startBare(bytes: Buffer): Promise<string> {
  const server = createServer((request, response) => {
    const [, start = "0", end = "0"] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const part = request.headers.range ? bytes.subarray(Number(start), Number(end) + 1) : bytes;
    response.writeHead(request.headers.range ? 206 : 200, { "content-length": part.length });
    response.end(part);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function freePort(): Promise<number> {
  const probe = createSocketServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(url, { headers: { range: "bytes=0-0" } }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} does not answer: ${await readFile(join(folder, "error.log"), "utf8")}`);
}
