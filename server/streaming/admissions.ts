import type { PlanName } from "../../core/contract/accounts.ts";
import type { SongAudio, SongRecord } from "../../core/domain/catalogue/ports.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { SongEvent } from "../../core/domain/live/push/ports.ts";
import { cheapestPlan, hearsWhole } from "../../core/domain/plans.ts";
import type { Log } from "../../core/domain/ports.ts";
import type { Admission } from "../../core/domain/streaming/ports.ts";
import type { Listener, OpenResponse, Seat, Seats } from "./seats.ts";
import type { SongCache } from "./song-cache.ts";

export type AdmissionDeps = {
  readonly seats: Pick<Seats, "take" | "open" | "leave">;
  readonly songs: Pick<SongCache, "get" | "known">;
  /** To be subscribed to after the cache, which forgets the song first. */
  readonly onSongEvent: (listener: (event: SongEvent) => void) => () => void;
  readonly log: Log;
};

export type Admissions = {
  /**
   * Leave for one session to stream one song: whole, or its preview where the plan has no more. It ends when the plan,
   * the session or the song no longer allows it, or when another device takes the place. Given at once where nothing is
   * to be read.
   *
   * @param wish names a person's wish to hear here (see `Seats.take`)
   * @throws (or rejects) DomainError `not-found`, `session-ended`, `too-many-devices`, `plan-required`
   */
  admit(listener: Listener, songId: string, wish?: string): Admission | Promise<Admission>;
  close(): void;
};

/** One response that flows, of one version of one song. A class, since there is one for every range of every player. */
class Flow implements Admission, OpenResponse {
  readonly object: SongAudio;
  readonly seat: Seat;
  readonly #record: SongRecord;
  readonly #leave: (flow: Flow) => void;
  #controller: AbortController | undefined;
  #reason: DomainError | undefined;

  constructor(seat: Seat, record: SongRecord, object: SongAudio, leave: (flow: Flow) => void) {
    this.object = object;
    this.seat = seat;
    this.#record = record;
    this.#leave = leave;
  }

  get songId(): string {
    return this.#record.songId;
  }

  /** Made when first asked for: most ranges are sent at once, and nothing can end them any more. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#reason !== undefined;
  }

  /** What is sent stays what it was, also when the song has other audio by now: only who may hear it can change. */
  mayGoOn(plan: PlanName, tier = this.#record.tier): boolean {
    return this.object === this.#record.preview || hearsWhole(plan, tier);
  }

  end(reason: DomainError): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  release(): void {
    this.#leave(this);
  }
}

export function createAdmissions({ seats, songs, onSongEvent, log }: AdmissionDeps): Admissions {
  const flows = new Map<string, Set<Flow>>();

  async function endOutdated(songId: string): Promise<void> {
    const record = await songs.get(songId);
    for (const flow of flows.get(songId) ?? [])
      if (!record || !flow.mayGoOn(flow.seat.plan, record.tier))
        flow.end(new DomainError("not-found", "This song is no longer to be heard"));
  }

  function begin(seat: Seat, record: SongRecord | undefined): Flow {
    if (!record) throw new DomainError("not-found", "There is no such song");
    const flow = new Flow(seat, record, audioFor(seat.plan, record), leave);
    const { songId } = record;
    const ofSong = flows.get(songId) ?? new Set();
    flows.set(songId, ofSong.add(flow));
    seats.open(seat, flow);
    return flow;
  }

  function leave(flow: Flow): void {
    const ofSong = flows.get(flow.songId);
    if (ofSong?.delete(flow) && ofSong.size === 0) flows.delete(flow.songId);
    seats.leave(flow.seat, flow);
  }

  async function admitLater(
    listener: Listener,
    songId: string,
    taking: Seat | Promise<Seat>,
  ): Promise<Admission> {
    const [record, seat] = await Promise.all([songs.get(songId), taking]);
    const flow = begin(seat, record);
    // A push about the song may have come while the seat was taken: it found no flow to end.
    if ((await songs.get(songId)) === record && !flow.ended) return flow;
    flow.release();
    return admitLater(listener, songId, seats.take(listener));
  }

  return {
    admit(listener, songId, wish) {
      const seat = seats.take(listener, wish);
      const record = songs.known(songId);
      return record && !(seat instanceof Promise) ? begin(seat, record) : admitLater(listener, songId, seat);
    },
    close: onSongEvent(({ songId }) => {
      endOutdated(songId).catch((err) => log.warn({ err, songId }, "A changed song could not be read again"));
    }),
  };
}

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
