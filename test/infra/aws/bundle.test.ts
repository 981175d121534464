import { fork, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { tokenEnvironment } from "../../../core/domain/accounts/config.ts";
import { generateTokenKeys } from "../../../core/domain/accounts/tokens.ts";
import {
  bundleCode,
  type Code,
  type FunctionName,
  functionNames,
  refuseNativeCode,
} from "../../../infra/aws/bundle.ts";
import { restRoutes } from "../../../lambdas/routes/rest.ts";
import { startTestAws, type TestAws } from "../../support/engines.ts";
import { sampleAudio } from "../../support/sample-audio.ts";
import { samplePicture } from "../../support/sample-picture.ts";
import { until } from "../../support/until.ts";

let folder: string;
let code: Code;
let aws: TestAws;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-bundle-"));
  [code, aws] = await Promise.all([bundleCode(join(folder, "task")), startTestAws()]);
  // Where Lambda's runtime has the SDK, this machine has its own; of all that is installed, functions get no more.
  await mkdir(join(folder, "node_modules"));
  for (const scope of ["@aws-sdk", "@smithy", "@aws"])
    await symlink(resolve("node_modules", scope), join(folder, "node_modules", scope));
  env = {
    PATH: process.env.PATH ?? "",
    ...tokenEnvironment(generateTokenKeys()),
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodbEndpoint,
    AWS_ENDPOINT_URL_S3: aws.s3Endpoint,
    TABLE_PREFIX: aws.tablePrefix,
    MUSIC_BUCKET: aws.bucket,
    ALLOWED_ORIGINS: "https://encore.example",
    MANAGEMENT_SECRET: randomBytes(32).toString("hex"),
    GATEWAY_MANAGEMENT_ENDPOINT: "http://127.0.0.1:9",
  };
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

/** Calls a bundled handler once, in a process of its own as Lambda does; the event and the answer are JSON. */
async function invoke(name: FunctionName, event: unknown): Promise<unknown> {
  const script = `
    const { handler } = await import(${JSON.stringify(join(code.functions[name], "index.mjs"))});
    const answer = await handler(${JSON.stringify(event)}, {}).catch((error) => ({ thrown: error.message }));
    process.stdout.write("\\n" + JSON.stringify(answer ?? null), () => process.exit(0));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { env });
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  const text = Buffer.concat(stdout).toString();
  if (!text) throw new Error(Buffer.concat(stderr).toString());
  return JSON.parse(text.split("\n").at(-1) ?? "");
}

const restEvent = (routeKey: string, body?: object) => {
  const [method = "", path = ""] = routeKey.split(" ");
  return {
    routeKey,
    rawPath: path,
    headers: { "content-type": "application/json", origin: "https://encore.example" },
    pathParameters: Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, "x"])),
    requestContext: { requestId: "1", http: { method, path, sourceIp: "192.0.2.1", userAgent: "test" } },
    ...(body && { body: JSON.stringify(body) }),
  };
};

/** KiB, minified, without the SDK. Decision 5 says why some are above 300. */
const largest: Partial<Record<FunctionName, number>> = {
  auth: 361,
  catalogue: 340,
  covers: 306,
  ops: 307,
  subscriptions: 312,
  uploads: 317,
};

describe.each(functionNames)("The bundle of %s", (name) => {
  const file = () => join(code.functions[name], "index.mjs");

  it("is no larger than it must be", async () => {
    expect((await stat(file())).size / 1024).toBeLessThan(largest[name] ?? 300);
  });

  it("is one file that finds all it needs in the runtime: Node.js and the SDK", async () => {
    const pictures = ["node_modules", "resize-worker.mjs"];
    const beside: Partial<Record<FunctionName, string[]>> = {
      covers: pictures,
      "process-uploads": ["inspect-process.mjs", ...pictures],
    };
    expect((await readdir(code.functions[name])).sort()).toEqual(
      ["index.mjs", ...(beside[name] ?? [])].sort(),
    );
    const text = await readFile(file(), "utf8");
    const imported = [...text.matchAll(/(?:from|import)"([^"]+)"/g)].map(([, specifier]) => specifier ?? "");
    expect(imported.length).toBeGreaterThan(0);
    const foreign = imported.filter(
      (specifier) => !isBuiltin(specifier) && !specifier.startsWith("@aws-sdk/"),
    );
    expect(foreign).toEqual([]);
  });
});

describe("A bundled function", () => {
  const areas = [...new Set(restRoutes.map(({ area }) => area))].filter((area) => area !== "docs");

  it.each(areas)("of the REST API answers: %s", async (area) => {
    const guarded = restRoutes.find((route) => route.area === area && route.access !== "public");
    const answer = await invoke(area, restEvent(`${guarded?.method} ${guarded?.path}`));
    expect(answer).toMatchObject({ statusCode: 401 });
  });

  it("opens an account: password, token, rows", async () => {
    const body = { email: "a@example.com", password: "four words long enough", userName: "A" };
    const answer = await invoke("auth", restEvent("POST /api/auth/register", body));
    expect(answer).toMatchObject({
      statusCode: 201,
      cookies: Array(3).fill(expect.stringContaining("__Host-")),
    });
  });

  it("of process-uploads brings along what makes its covers", async () => {
    const picture = (await samplePicture({ width: 20, height: 20 })).toString("base64");
    const script = `
      import { Worker } from "node:worker_threads";
      const worker = new Worker("./resize-worker.mjs", { execArgv: [] });
      worker.postMessage({ picture: Buffer.from("${picture}", "base64"), pixels: [10] });
      worker.once("message", ([{ bytes }]) => {
        process.stdout.write(String(bytes.length));
        process.exit(0);
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: code.functions["process-uploads"],
      env,
    });
    expect(Number(Buffer.concat(await child.stdout.toArray()))).toBeGreaterThan(100);
  });

  it("of process-uploads brings along the process that looks into files", async () => {
    const path = join(folder, "tone.wav");
    await writeFile(path, await sampleAudio({ format: "wav" }));
    const child = fork(join(code.functions["process-uploads"], "inspect-process.mjs"), { env: {} });
    onTestFinished(() => void child.kill());
    child.send({ path, previewPath: join(folder, "preview"), coverPath: join(folder, "cover") });
    const [answer] = await once(child, "message");
    expect(answer).toMatchObject({ found: { contentType: "audio/wav", durationSeconds: 1 } });
  });

  it("tells of the API", async () => {
    const answer = await invoke("docs", restEvent("GET /api/openapi.json"));
    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('"openapi":"3.1') });
  });

  it("guards the live endpoint, and holds it", async () => {
    expect(await invoke("socket-authorizer", { methodArn: "arn", headers: {} })).toEqual({
      thrown: "Unauthorized",
    });
    const identity = { userId: "user", sessionId: "session" };
    const requestContext = { connectionId: "1", connectedAt: 0, authorizer: identity };
    const event = { requestContext: { ...requestContext, routeKey: "$connect" } };
    expect(await invoke("socket", event)).toEqual({ statusCode: 200 });
  });

  it("takes a stream's records", async () => {
    expect(await invoke("push", { Records: [] })).toEqual({ batchItemFailures: [] });
    expect(await invoke("index-music", { Records: [] })).toBeNull();
    expect(await invoke("process-uploads", { Records: [] })).toEqual({ batchItemFailures: [] });
    expect(await invoke("sweep-objects", {})).toBeNull();
  });
});

describe("The bundled server", () => {
  it("starts by itself, serves the player and the reference, and drains", async () => {
    const server = spawn(process.execPath, [join(code.server, "main.mjs")], {
      cwd: tmpdir(),
      env: { ...env, PORT: "0", CLIENT_FOLDER: join(code.server, "client"), LOG_LEVEL: "info" },
    });
    onTestFinished(() => void server.kill("SIGKILL"));
    const exited = once(server, "exit");
    let output = "";
    for (const stream of [server.stdout, server.stderr])
      stream.on("data", (chunk) => {
        output += chunk;
      });
    const listening = /Server listening at (http:\/\/127\.0\.0\.1:\d+)/g;
    await until(
      "both listeners",
      () => server.exitCode !== null || [...output.matchAll(listening)].length >= 1,
    );
    const url = [...output.matchAll(listening)].at(-1)?.[1];
    expect(url, output).toBeDefined();
    for (const path of ["/readyz", "/", "/docs", "/docs/assets/swagger-ui-bundle.js"])
      expect((await fetch(`${url}${path}`, { headers: { connection: "close" } })).status, path).toBe(200);
    server.kill("SIGTERM");
    expect((await exited)[0]).toBe(0);
  });
});

describe("A package with native code", () => {
  it("is refused, for a bundle would lack it in AWS alone", async () => {
    const { metafile } = await build({
      stdin: { contents: 'import sharp from "sharp"; export { sharp };', resolveDir: process.cwd() },
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
      metafile: true,
      logLevel: "silent",
    });
    await expect(refuseNativeCode(metafile)).rejects.toThrow(/sharp has native code/);
  });
});
