import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../../../core/domain/actor.ts";
import { completeUpload } from "../../../../core/domain/uploads/complete.ts";
import { abortUpload, startUpload, type UploadDeps } from "../../../../core/domain/uploads/uploads.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { newActor } from "../../../support/subscriptions.ts";
import { announce, uploadWorld } from "../../../support/uploads.ts";

let aws: TestAws;
let world: ReturnType<typeof uploadWorld>;

beforeAll(async () => {
  aws = await startTestAws();
  world = uploadWorld(aws);
});
afterAll(() => aws.close());

const newCurator = (): Actor => ({ ...newActor(), role: "curator" });
let files = 0;
/** A file of 100 bytes that nobody has announced before. */
const newFile = () => announce(Buffer.from(`file ${files++}`.padEnd(100)));

const idOf = ({ status, ...more }: Awaited<ReturnType<typeof startUpload>>): string => {
  if (!("upload" in more)) throw new Error(`No upload was started: ${status}`);
  return more.upload.uploadId;
};

/** How many files of 100 bytes a curator may still start, of a day of 500 bytes. */
async function filesLeft(deps: UploadDeps, curator: Actor): Promise<number> {
  for (let started = 0; ; started++)
    try {
      await startUpload({ ...deps, bytesPerDay: 500 }, curator, newFile());
    } catch {
      return started;
    }
}

describe("The quota of a curator", () => {
  it("is taken once by the same file that is started several times at once, as one upload", async () => {
    const curator = newCurator();
    const file = newFile();
    const started = await Promise.all([1, 2, 3, 4].map(() => startUpload(world.deps, curator, file)));
    const urls = started.map((one) => ("upload" in one ? one.upload.parts.map(({ url }) => keyOf(url)) : []));
    expect(new Set(urls.flat()).size).toBe(1);
    expect(await filesLeft(world.deps, curator)).toBe(4);
  });

  it("is given back once by an upload that is given up several times at once", async () => {
    const curator = newCurator();
    const uploadId = idOf(await startUpload(world.deps, curator, newFile()));
    await startUpload(world.deps, curator, newFile());
    const aborts = [1, 2, 3, 4].map(() => abortUpload(world.deps, curator, { uploadId }));
    const ended = await Promise.allSettled(aborts);
    const refused = ended.flatMap((one) => (one.status === "rejected" ? [one.reason.kind] : []));
    expect(refused).toEqual(["not-found", "not-found", "not-found"]);
    expect(await filesLeft(world.deps, curator)).toBe(4);
  });

  it("is given back once by one who completes in vain and gives up", async () => {
    const curator = newCurator();
    const uploadId = idOf(await startUpload(world.deps, curator, newFile()));
    const deps = { ...world.deps, awaitOutcome: world.deps.uploads.get };
    const [, , ...aborts] = await Promise.allSettled([
      completeUpload(deps, curator, { uploadId }),
      completeUpload(deps, curator, { uploadId }),
      abortUpload(deps, curator, { uploadId }),
      abortUpload(deps, curator, { uploadId }),
    ]);
    expect(aborts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await filesLeft(world.deps, curator)).toBe(5);
  });

  it("is given back to the day that it was taken from, however long the start took", async () => {
    const curator = newCurator();
    const midnight = Date.parse("2031-05-06T00:00:00Z");
    let now = midnight - 1;
    const deps: UploadDeps = {
      ...world.deps,
      clock: { now: () => new Date(now) },
      multipart: {
        ...world.deps.multipart,
        begin: (...given) => {
          now = midnight;
          return world.deps.multipart.begin(...given);
        },
      },
    };
    const uploadId = idOf(await startUpload(deps, curator, newFile()));
    await abortUpload(deps, curator, { uploadId });
    expect(await filesLeft(deps, curator)).toBe(5);
  });

  it("is not taken by what cannot be started", async () => {
    const curator = newCurator();
    const nameless = { ...newFile(), fileName: "\u202e" };
    await expect(startUpload(world.deps, curator, nameless)).rejects.toMatchObject({
      kind: "invalid-request",
    });
    const begin = () => Promise.reject(new Error("the store is out of reach"));
    const unreachable = { ...world.deps, multipart: { ...world.deps.multipart, begin } };
    await expect(startUpload(unreachable, curator, newFile())).rejects.toThrow("out of reach");
    expect(await filesLeft(world.deps, curator)).toBe(5);
  });
});

/** What a part's URL names: the object and its multipart upload. */
function keyOf(url: string): string {
  const { pathname, searchParams } = new URL(url);
  return `${pathname} ${searchParams.get("uploadId")}`;
}
