import type { PlanName } from "../../core/contract/accounts.ts";
import type { SongAudio, SongRecord } from "../../core/domain/catalogue/ports.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { SongEvent } from "../../core/domain/live/ports.ts";
import { cheapestPlan, hearsWhole } from "../../core/domain/plans.ts";
import type { Log } from "../../core/domain/ports.ts";
import type { Admission } from "../../core/domain/streaming/ports.ts";
import type { Listener, Seat, Seats } from "./seats.ts";
import type { SongCache } from "./song-cache.ts";

export type AdmissionDeps = {
  readonly seats: Pick<Seats, "take" | "open">;
  readonly songs: Pick<SongCache, "get">;
  /** To be subscribed to after the cache, which forgets the song first. */
  readonly onSongEvent: (listener: (event: SongEvent) => void) => () => void;
  readonly log: Log;
};

export type Admissions = {
  /**
   * Leave for one session to stream one song: whole, or its preview where the plan has no more. It ends when the plan,
   * the session or the song no longer allows it.
   *
   * @throws DomainError `not-found`, `session-ended`, `too-many-devices`, `plan-required`
   */
  admit(listener: Listener, songId: string): Promise<Admission>;
  close(): void;
};

/** One response that flows, of one version of one song. */
type Flow = { readonly audio: SongAudio; readonly seat: Seat; readonly end: () => void };

export function createAdmissions({ seats, songs, onSongEvent, log }: AdmissionDeps): Admissions {
  const flows = new Map<string, Set<Flow>>();

  async function endOutdated(songId: string): Promise<void> {
    const record = await songs.get(songId);
    for (const flow of flows.get(songId) ?? []) if (!isServed(flow, record)) flow.end();
  }

  function begin(seat: Seat, record: SongRecord, audio: SongAudio): Admission {
    const { songId, tier } = record;
    const response = seats.open(seat, (plan) => audio === record.preview || hearsWhole(plan, tier));
    const flow: Flow = { audio, seat, end: response.end };
    const ofSong = flows.get(songId) ?? new Set();
    flows.set(songId, ofSong.add(flow));
    const release = () => {
      ofSong.delete(flow);
      if (ofSong.size === 0 && flows.get(songId) === ofSong) flows.delete(songId);
      response.release();
    };
    return { object: audio, signal: response.signal, release };
  }

  return {
    async admit(listener, songId) {
      const [record, seat] = await Promise.all([songs.get(songId), seats.take(listener)]);
      if (!record) throw new DomainError("not-found", "There is no such song");
      const admission = begin(seat, record, audioFor(seat.plan, record));
      // A push about the song may have come while the seat was taken: it found no flow to end.
      if ((await songs.get(songId)) === record) return admission;
      admission.release();
      return this.admit(listener, songId);
    },
    close: onSongEvent(({ songId }) => {
      endOutdated(songId).catch((err) => log.warn({ err, songId }, "A changed song could not be read again"));
    }),
  };
}

/** Whether what flows is still what this listener would get of the song. */
const isServed = ({ audio, seat }: Flow, record: SongRecord | undefined): boolean =>
  record !== undefined && sourceFor(seat.plan, record)?.etag === audio.etag;

const sourceFor = (plan: PlanName, { tier, audio, preview }: SongRecord): SongAudio | undefined =>
  hearsWhole(plan, tier) ? audio : preview;

function audioFor(plan: PlanName, record: SongRecord): SongAudio {
  const source = sourceFor(plan, record);
  if (source) return source;
  const requiredPlan = cheapestPlan(({ fullSongs }) => fullSongs === "all");
  throw new DomainError(
    "plan-required",
    "This song is for paying plans, and it has no preview",
    requiredPlan ? { requiredPlan } : {},
  );
}
