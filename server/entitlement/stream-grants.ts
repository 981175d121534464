import type { PlanName } from "../../core/contract/accounts.ts";
import type { SongAudio, SongRecord } from "../../core/domain/catalogue/ports.ts";
import type { StreamGrant } from "../../core/domain/entitlement/stream-grant.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { SongEvent } from "../../core/domain/live/push/ports.ts";
import { cheapestPlan, hearsWhole } from "../../core/domain/plans.ts";
import type { Log } from "../../core/domain/ports.ts";
import type { HeldSlot, Listener, OpenResponse } from "./held-slot.ts";
import type { HeldSlots } from "./held-slots.ts";
import type { SongCache } from "./song-cache.ts";

export type StreamGrantsDeps = {
  readonly slots: Pick<HeldSlots, "acquire" | "addResponse" | "removeResponse">;
  readonly songs: Pick<SongCache, "get" | "peek">;
  /** Subscribed to after the song cache, which drops the song first. */
  readonly onSongEvent: (listener: (event: SongEvent) => void) => () => void;
  readonly log: Log;
};

export type StreamGrants = {
  /**
   * Lets one session stream one song: whole, or its preview where the plan has no more. The grant ends when the plan, the
   * session or the song no longer allows it, or when another device takes the slot. Returned at once where nothing is to
   * be read.
   *
   * @param wish names a person's wish to hear here (see `HeldSlots.acquire`)
   * @throws (or rejects) DomainError `not-found`, `session-ended`, `too-many-devices`, `plan-required`
   */
  grant(listener: Listener, songId: string, wish?: string): StreamGrant | Promise<StreamGrant>;
  close(): void;
};

/** A grant for one version of one song. A class, since there is one for every range of every player. */
class OpenGrant implements StreamGrant, OpenResponse {
  readonly object: SongAudio;
  readonly slot: HeldSlot;
  readonly #record: SongRecord;
  readonly #onRelease: (grant: OpenGrant) => void;
  #controller: AbortController | undefined;
  #reason: DomainError | undefined;

  constructor(slot: HeldSlot, record: SongRecord, object: SongAudio, onRelease: (grant: OpenGrant) => void) {
    this.object = object;
    this.slot = slot;
    this.#record = record;
    this.#onRelease = onRelease;
  }

  get songId(): string {
    return this.#record.songId;
  }

  /** The signal is made when first asked for: most ranges are sent at once, and nothing can end them any more. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#reason !== undefined;
  }

  /** What is sent stays what it was, also when the song has other audio by now: only who may hear it can change. */
  isAllowedBy(plan: PlanName, tier = this.#record.tier): boolean {
    return this.object === this.#record.preview || hearsWhole(plan, tier);
  }

  end(reason: DomainError): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  release(): void {
    this.#onRelease(this);
  }
}

export function createStreamGrants({ slots, songs, onSongEvent, log }: StreamGrantsDeps): StreamGrants {
  const open = new Map<string, Set<OpenGrant>>();

  async function endOutdated(songId: string): Promise<void> {
    const record = await songs.get(songId);
    for (const grant of open.get(songId) ?? [])
      if (!record || !grant.isAllowedBy(grant.slot.plan, record.tier))
        grant.end(new DomainError("not-found", "This song is no longer to be heard"));
  }

  function grantOn(slot: HeldSlot, record: SongRecord | undefined): OpenGrant {
    if (!record) throw new DomainError("not-found", "There is no such song");
    const grant = new OpenGrant(slot, record, audioFor(slot.plan, record), release);
    const { songId } = record;
    const ofSong = open.get(songId) ?? new Set();
    open.set(songId, ofSong.add(grant));
    slots.addResponse(slot, grant);
    return grant;
  }

  function release(grant: OpenGrant): void {
    const ofSong = open.get(grant.songId);
    if (ofSong?.delete(grant) && ofSong.size === 0) open.delete(grant.songId);
    slots.removeResponse(grant.slot, grant);
  }

  async function grantLater(
    listener: Listener,
    songId: string,
    acquiring: HeldSlot | Promise<HeldSlot>,
  ): Promise<StreamGrant> {
    const [record, slot] = await Promise.all([songs.get(songId), acquiring]);
    const grant = grantOn(slot, record);
    // A push about the song may have come while the slot was acquired: it found no grant to end.
    if ((await songs.get(songId)) === record && !grant.ended) return grant;
    grant.release();
    return grantLater(listener, songId, slots.acquire(listener));
  }

  return {
    grant(listener, songId, wish) {
      const slot = slots.acquire(listener, wish);
      const record = songs.peek(songId);
      return record && !(slot instanceof Promise)
        ? grantOn(slot, record)
        : grantLater(listener, songId, slot);
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
