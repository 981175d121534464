import { until } from "../../support/until.ts";
import { hearThrough } from "./hear-through.ts";
import type { AudioScenario, AudioStage } from "./stage.ts";
import { contentFrom } from "./world.ts";

const mebibyte = 2 ** 20;
const blockBytes = 256 * 1024;
/** Slow enough that a song of many MiB flows while things happen to it (bytes a second). */
const leisurely = 4 * mebibyte;

/** A song that flows at a leisurely pace, more of it than connections and caches swallow. */
async function flowing(stage: AudioStage, node: number, { plan = "hifi", tier = "free" } = {} as Flowing) {
  const content = contentFrom(stage.seed, 24 * mebibyte);
  const song = await stage.world.newSong(content, tier);
  const user = await stage.newUser(plan);
  const hearing = await stage.hear(node, { songId: song.songId, user, pace: leisurely });
  await stage.flows(hearing);
  return { content, song, user, hearing };
}

type Flowing = { readonly plan?: "free" | "plus" | "hifi"; readonly tier?: "free" | "premium" };

const endsSoon = (stage: AudioStage, { hearing }: Awaited<ReturnType<typeof flowing>>, why: string) =>
  stage.comesTrue(`what flows ends after ${why}`, hearing.isOver, 2_500);

/** A song that comes whole over an S3 that does as it is told. */
async function heardWhole(stage: AudioStage, size: number, withinMs: number) {
  const content = contentFrom(stage.seed, size);
  const { songId } = await stage.world.newSong(content);
  const hearing = await stage.hear(0, { songId, user: await stage.newUser() });
  const ended = await stage.comesTrue("the song ends", hearing.isOver, withinMs);
  const all =
    hearing.heard().length === size ? [] : [`${hearing.heard().length} of ${size} bytes were heard`];
  return [...ended, ...all, ...stage.judge(hearing, content)];
}

export const audioScenarios: readonly AudioScenario[] = [
  {
    name: "A song whose object is overwritten while it is heard is heard as it was, or breaks off",
    defence: "one-version",
    async play(stage) {
      const { content, song, hearing } = await flowing(stage, 0);
      stage.world.overwrite(song, contentFrom(stage.seed + 1, content.length));
      hearing.hurry();
      await hearing.over;
      return stage.judge(hearing, content);
    },
  },
  {
    name: "A song is heard whole although every other answer of S3 is an error, or is cut at some byte",
    defence: "read-retry",
    play(stage) {
      const { origin } = stage.world;
      const first = origin.asked.length;
      origin.behave((request) => {
        if ((request - first) % 2 === 1) return { kind: "whole" };
        if (stage.random() < 0.3) return { kind: "status", status: stage.random() < 0.5 ? 500 : 503 };
        return { kind: "cut", after: Math.floor(stage.random() * blockBytes) };
      });
      return heardWhole(stage, 6 * mebibyte, 20_000);
    },
  },
  {
    name: "A song is heard whole although S3 falls silent, before its answer or in it",
    defence: "read-timeout",
    play(stage) {
      const { origin } = stage.world;
      const first = origin.asked.length;
      origin.behave((request) => {
        if ((request - first) % 2 === 1) return { kind: "whole" };
        return { kind: "stall", after: stage.random() < 0.5 ? -1 : Math.floor(stage.random() * blockBytes) };
      });
      return heardWhole(stage, 2 * mebibyte, 15_000);
    },
  },
  {
    name: "Listeners who leave, before the first byte or later, leave no connection to S3 behind",
    defence: "read-cancellation",
    async play(stage) {
      const { origin } = stage.world;
      const content = contentFrom(stage.seed, 8 * mebibyte);
      const { songId } = await stage.world.newSong(content);
      const user = await stage.newUser();
      origin.behave((request) => ({ kind: "stall", after: request % 2 === 0 ? -1 : 500 }));
      const hearings = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          stage.hear(0, { songId, user, headers: { range: `bytes=${at * 2 * blockBytes}-` } }),
        ),
      );
      await until("S3 is asked", () => origin.busy() >= 10);
      for (const hearing of hearings) hearing.leave();
      return stage.comesTrue("S3 is left alone", () => origin.busy() === 0, 2_000);
    },
  },
  {
    name: "A listener who does not read makes a node read no more than a connection holds",
    defence: "backpressure",
    async play(stage) {
      const { origin } = stage.world;
      const blocks = 256;
      const { songId } = await stage.world.newSong(contentFrom(stage.seed, blocks * blockBytes));
      const before = origin.asked.length;
      await stage.hear(0, { songId, user: await stage.newUser(), pace: 0 });
      let [last, still] = [-1, 0];
      await until("it reads no more", () => {
        const asked = origin.asked.length - before;
        still = asked === last ? still + 1 : 0;
        last = asked;
        return asked > 0 && still > 80;
      });
      return last < blocks / 2 ? [] : [`${last} of ${blocks} blocks were read for nobody`];
    },
  },
  {
    name: "Of eight devices that start at once at two nodes, three play on a plan for three",
    defence: "slot-condition",
    async play(stage) {
      const { songId } = await stage.world.newSong(contentFrom(stage.seed, 48 * mebibyte));
      const user = await stage.newUser("plus");
      const devices = await Promise.all(
        Array.from({ length: 8 }, () => stage.world.listeners.newSession(user)),
      );
      const hearings = await Promise.all(
        devices.map((device, at) => stage.hear(at % 2, { songId, user: device, pace: leisurely })),
      );
      // One whose slot is taken before its answer has begun gets none.
      await Promise.allSettled(hearings.map(({ head }) => head));
      const playing = () => hearings.filter((hearing) => !hearing.isOver()).length;
      const settled = await stage.comesTrue("three of eight devices play on", () => playing() <= 3, 2_500);
      return playing() < 3 ? [`${playing()} of 8 devices play on a plan for 3`] : settled;
    },
  },
  {
    name: "The slot of a device whose node was killed is free when the node's lease has lapsed",
    defence: "lease",
    async play(stage) {
      const { world } = stage;
      const { songId } = await world.newSong(contentFrom(stage.seed, 48 * mebibyte));
      const user = await stage.newUser("plus");
      const begin = async (node: number) => {
        const device = await world.listeners.newSession(user);
        const hearing = await stage.hear(node, { songId, user: device, pace: leisurely });
        await stage.flows(hearing);
        return { device };
      };
      const [first, second, third] = [await begin(1), await begin(1), await begin(0)];
      const slot = (await world.slots.read(user.userId)).bySession.get(third.device.sessionId);
      await world.nodes[0]?.kill();
      // As another node's sweep does when the lease is over.
      await world.endpoints.delete(slot?.endpointId ?? "");
      await begin(1);
      const { bySession } = await world.slots.read(user.userId);
      const lost = [first, second].filter(({ device }) => !bySession.has(device.sessionId)).length;
      return lost === 0 ? [] : [`${lost} living devices lost their slot while a dead one's was free`];
    },
  },
  {
    name: "A song is heard whole over a rolling restart, and no slot is left behind by it",
    defence: "slot-released",
    async play(stage) {
      const { world } = stage;
      const content = contentFrom(stage.seed, 16 * mebibyte);
      const { songId } = await world.newSong(content);
      const user = await stage.newUser("free");
      const listening = hearThrough(world, { songId, user, content, pace: leisurely, node: 0 });
      const endpointOf = async () =>
        (await world.slots.read(user.userId)).bySession.get(user.sessionId)?.endpointId;
      await until("it is heard", async () => (await endpointOf()) !== undefined);
      for (const node of world.nodes) {
        node.drain();
        await node.ready();
      }
      const heard = await listening;
      // The slot is this listener's for a while, until the node that has it now is replaced as well.
      for (const node of world.nodes) {
        node.drain();
        await node.ready();
      }
      const isFree = await stage.comesTrue(
        "the slot is free",
        async () => (await endpointOf()) === undefined,
      );
      return [...heard, ...isFree];
    },
  },
  {
    name: "A downgrade and a logout end what flows within a second or so, at either node",
    defence: "account-push",
    async play(stage) {
      const { accounts, sessions } = stage.world;
      const downgraded = await flowing(stage, 0, { tier: "premium" });
      await accounts.update(downgraded.user, { plan: "free" });
      const byPlan = await endsSoon(stage, downgraded, "a downgrade");
      const signedOut = await flowing(stage, 1);
      await sessions.delete(signedOut.user.sessionId);
      return [...byPlan, ...(await endsSoon(stage, signedOut, "a logout"))];
    },
  },
  {
    name: "A song that is removed, or is for paying plans now, stops for whom it is no more",
    defence: "song-push",
    async play(stage) {
      const { songs } = stage.world;
      const removed = await flowing(stage, 0);
      await songs.delete(removed.song.songId);
      const byRemoval = await endsSoon(stage, removed, "its song was removed");
      const premium = await flowing(stage, 1, { plan: "free" });
      await songs.put({ ...premium.song, tier: "premium", version: 2 });
      return [...byRemoval, ...(await endsSoon(stage, premium, "its song became one for paying plans"))];
    },
  },
  {
    name: "What flows to a session that is over ends although no push told of it",
    defence: "entitlement-recheck",
    async play(stage) {
      const content = contentFrom(stage.seed, 96 * mebibyte);
      const { songId } = await stage.world.newSong(content);
      const user = await stage.newUser();
      const hearing = await stage.hear(0, { songId, user, pace: leisurely });
      await stage.flows(hearing);
      stage.world.losePushes();
      await stage.world.sessions.delete(user.sessionId);
      return stage.comesTrue("what flows ends", hearing.isOver, 14_000);
    },
  },
  {
    name: "A listener who resumes a song that was replaced meanwhile hears the new one from its start",
    defence: "if-range",
    async play(stage) {
      const size = 2 * mebibyte;
      const song = await stage.world.newSong(contentFrom(stage.seed, size));
      const { songId } = song;
      const user = await stage.newUser();
      const first = await stage.hear(0, { songId, user, headers: { range: `bytes=0-${mebibyte - 1}` } });
      const { etag = "" } = await first.head;
      const content = contentFrom(stage.seed + 1, size);
      const { audio } = await stage.world.replace(song, content);
      await until("the node knows", async () => {
        const probe = await stage.hear(0, { songId, user, headers: { range: "bytes=0-0" } });
        return (await probe.head).etag === audio.etag;
      });
      const headers = { range: `bytes=${mebibyte}-`, "if-range": etag };
      const resumed = await stage.hear(0, { songId, user, headers });
      await resumed.over;
      const { length } = resumed.heard();
      return [...stage.judge(resumed, content), ...(length === size ? [] : [`${length} bytes came`])];
    },
  },
];
