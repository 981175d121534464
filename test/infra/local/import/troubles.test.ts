import { once } from "node:events";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { signIn } from "../../../../infra/local/import/api.ts";
import { findMusic } from "../../../../infra/local/import/find-files.ts";
import type { ImportOutcome } from "../../../../infra/local/import/import-file.ts";
import { type ImportApi, importFiles } from "../../../../infra/local/import/import-files.ts";
import { Unavailable } from "../../../../infra/local/import/request.ts";
import type { Encore } from "../../../../infra/local/start.ts";
import { startTestEncore } from "../../../support/encore.ts";
import { sampleAudio } from "../../../support/sample-audio.ts";

let encore: Encore;
beforeAll(async () => {
  encore = await startTestEncore();
});
afterAll(() => encore.close());

let tone = 1_000;
async function createFolder(names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-import-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of names)
    await writeFile(join(folder, name), await sampleAudio({ tone: tone++, seconds: 0.5 }));
  return folder;
}

type Trouble = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

/** A proxy before Encore that answers so instead, to the calls that `troubleOf` names; they reach Encore all the same. */
async function proxy(troubleOf: (call: string) => Trouble | undefined): Promise<string> {
  const listener: RequestListener = async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
    const answer = await fetch(`${encore.url}${request.url}`, {
      method: request.method ?? "GET",
      headers,
      ...(body.length > 0 && { body }),
    });
    const trouble = troubleOf(`${request.method} ${request.url}`);
    const text = await answer.text();
    if (trouble) response.writeHead(trouble.status, trouble.headers).end(trouble.body ?? "");
    else
      response
        .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" })
        .end(text);
  };
  const server = createServer((request, response) => void listener(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const enter = (url: string) =>
  signIn(url, "curator@example.com", "encore-demo-password", { tries: 4, firstWaitMs: 1 });

async function run(api: ImportApi, folder: string) {
  const outcomes: Record<string, ImportOutcome> = {};
  const summary = await importFiles(api, await findMusic([folder]), {
    tier: "free",
    signal: new AbortController().signal,
    reporter: {
      begin: () => {},
      bytes: () => {},
      processing: () => {},
      end: ({ name }, outcome) => {
        outcomes[name] = outcome;
      },
    },
  });
  return { summary, outcomes };
}

describe("An import", () => {
  it.each([502, 503, 504])(
    "goes on where a proxy answers %i for a moment, to each of its calls",
    async (status) => {
      const seen = new Map<string, number>();
      const url = await proxy((call) => {
        const times = (seen.get(call) ?? 0) + 1;
        seen.set(call, times);
        const trouble = {
          status,
          headers: { "content-type": "text/html", "retry-after": "0" },
          body: "<h1>no</h1>",
        };
        return times <= 2 && !call.endsWith("/logout") ? trouble : undefined;
      });
      const { summary } = await run(await enter(url), await createFolder(["a.mp3"]));
      expect(summary).toMatchObject({ failed: 0 });
      expect(summary.added + summary.existed).toBe(1);
    },
  );

  it("asks until a file is a song whose call is answered before it is one", async () => {
    let asked = 0;
    const url = await proxy((call) => {
      const uploadId = /uploads\/([^/]+)/.exec(call)?.[1];
      const isFirst = uploadId !== undefined && asked++ < 3;
      return isFirst && !call.startsWith("PUT")
        ? {
            status: call.startsWith("POST") ? 202 : 200,
            headers: { "content-type": "application/json", "retry-after": "0" },
            body: JSON.stringify({ uploadId, state: "processing" }),
          }
        : undefined;
    });
    const { summary } = await run(await enter(url), await createFolder(["a.mp3", "b.mp3"]));
    expect(summary).toEqual({ added: 2, existed: 0, failed: 0, left: 0 });
    expect(asked).toBeGreaterThan(3);
  });

  it("tells of a file that cannot be completed and takes the others, but not of each when none can be", async () => {
    const failing = new Set<string>();
    const url = await proxy((call) => {
      const uploadId = /uploads\/([^/]+)\/complete/.exec(call)?.[1];
      if (uploadId === undefined) return undefined;
      if (failing.size < 1) failing.add(uploadId);
      return failing.has(uploadId) ? { status: 504 } : undefined;
    });
    const { summary, outcomes } = await run(
      await enter(url),
      await createFolder(["a.mp3", "b.mp3", "c.mp3"]),
    );
    expect(summary).toEqual({ added: 2, existed: 0, failed: 1, left: 0 });
    expect(outcomes["a.mp3"]).toMatchObject({ status: "failed", reason: expect.stringContaining("(504)") });

    const never = await proxy((call) => (call.endsWith("/complete") ? { status: 503 } : undefined));
    const folder = await createFolder(["a.mp3", "b.mp3", "c.mp3", "d.mp3"]);
    expect((await run(await enter(never), folder)).summary).toEqual({
      added: 0,
      existed: 0,
      failed: 3,
      left: 1,
      stopped: expect.any(Unavailable),
    });
  });

  it("waits where it is told that it asks too often, if not for long", async () => {
    const answers = [{ status: 429, headers: { "retry-after": "0" } }];
    const url = await proxy((call) => (call.endsWith("/complete") ? answers.pop() : undefined));
    expect((await run(await enter(url), await createFolder(["a.mp3"]))).summary).toMatchObject({ added: 1 });
    const never = await proxy(() => ({ status: 429, headers: { "retry-after": "900" } }));
    await expect(enter(never)).rejects.toThrow("429");
  });

  it("says of a file that changes while it is sent that it did, and takes it the next time", async () => {
    const folder = await createFolder(["song.mp3"]);
    const api = await enter(encore.url);
    const changing: ImportApi = {
      ...api,
      async start(input) {
        const started = await api.start(input);
        await appendFile(join(folder, "song.mp3"), "more");
        return started;
      },
    };
    const { outcomes } = await run(changing, folder);
    expect(outcomes["song.mp3"]).toMatchObject({
      reason: "The file changed while it was sent; import it again",
    });
    expect((await run(api, folder)).summary).toEqual({ added: 1, existed: 0, failed: 0, left: 0 });
  });
});
