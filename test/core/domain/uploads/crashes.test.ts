import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../../../core/domain/actor.ts";
import type { SongAudio, SongRecord } from "../../../../core/domain/catalogue/ports.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { sampleAudio } from "../../../support/sample-audio.ts";
import { newActor } from "../../../support/subscriptions.ts";
import { sha256Of, uploadWorld } from "../../../support/uploads.ts";

let aws: TestAws;
let world: ReturnType<typeof uploadWorld>;
let curator: Actor;
let tone = 400;

beforeAll(async () => {
  aws = await startTestAws();
  world = uploadWorld(aws);
  curator = { ...newActor(), role: "curator" };
});
afterAll(() => aws.close());

const newFile = () => sampleAudio({ tone: tone++ });

class Crash extends Error {}

/** The stores, of which the call that comes as number `at` is the last: it is not made, or its answer is lost. */
function crashing(deps: typeof world.deps, at: number, when: "before" | "after") {
  let calls = 0;
  const watch = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...args: unknown[]) => {
          const number = calls++;
          if (number > at || (number === at && when === "before")) throw new Crash(String(name));
          const answer = await method.apply(target, args);
          if (number === at) throw new Crash(String(name));
          return answer;
        };
      },
    });
  return {
    deps: {
      ...deps,
      uploads: watch(deps.uploads),
      multipart: watch(deps.multipart),
      objects: watch(deps.objects),
      songs: watch(deps.songs),
    },
    calls: () => calls,
  };
}

async function bytesOf({ key, etag, sizeBytes }: SongAudio): Promise<Buffer> {
  const { signal } = new AbortController();
  return buffer(await world.objects.read({ key, etag, start: 0, end: sizeBytes - 1, signal }));
}

async function expectSong(record: SongRecord | undefined, file: Buffer): Promise<void> {
  expect(record).toMatchObject({ sha256: sha256Of(file), audio: { sizeBytes: file.length } });
  if (!record?.preview) throw new Error("There is no preview");
  expect((await bytesOf(record.audio)).equals(file)).toBe(true);
  expect((await bytesOf(record.preview)).length).toBe(record.preview.sizeBytes);
  expect((await world.deps.uploads.claimOf(record.sha256))?.songId).toBe(record.songId);
}

/** How many calls of stores a *complete* makes that nothing interrupts. */
async function callsOf(file: Buffer, songId?: string): Promise<number> {
  const uploadId = await world.send(curator, file, songId === undefined ? {} : { songId });
  const counted = crashing(world.deps, Number.POSITIVE_INFINITY, "before");
  await world.complete(curator, uploadId, counted.deps);
  return counted.calls();
}

describe.each(["before", "after"] as const)(
  "A function that dies %s any of its steps, and is called again,",
  (when) => {
    it("makes one song of an upload", async () => {
      const calls = await callsOf(await newFile());
      expect(calls).toBeGreaterThan(8);
      for (let at = 0; at < calls; at++) {
        const file = await newFile();
        const uploadId = await world.send(curator, file);
        await expect(world.complete(curator, uploadId, crashing(world.deps, at, when).deps)).rejects.toThrow(
          Crash,
        );
        const { songId } = await world.complete(curator, uploadId);
        await expectSong(await world.songs.get(songId), file);
      }
    }, 60_000);

    it("gives a song its new audio once, and until then it has the old", async () => {
      const first = await newFile();
      const { songId } = await world.complete(curator, await world.send(curator, first));
      let before = first;
      const calls = await callsOf(await newFile(), songId).then(async (count) => {
        const record = await world.songs.get(songId);
        before = record ? await bytesOf(record.audio) : first;
        return count;
      });
      for (let at = 0; at < calls; at++) {
        const file = await newFile();
        const versionBefore = (await world.songs.get(songId))?.version ?? 0;
        const uploadId = await world.send(curator, file, { songId });
        await expect(world.complete(curator, uploadId, crashing(world.deps, at, when).deps)).rejects.toThrow(
          Crash,
        );
        const between = await world.songs.get(songId);
        expect([sha256Of(before), sha256Of(file)]).toContain(between?.sha256);
        if (between) expect(sha256Of(await bytesOf(between.audio))).toBe(between.sha256);
        expect((await world.complete(curator, uploadId)).songId).toBe(songId);
        const after = await world.songs.get(songId);
        await expectSong(after, file);
        expect(after?.version).toBe(versionBefore + 1);
        before = file;
      }
    }, 60_000);
  },
);
