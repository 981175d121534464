import type { PlanName } from "../../core/contract/accounts.ts";
import type { Tier } from "../../core/contract/catalogue.ts";
import type { SongAudio, SongRecord } from "../../core/domain/catalogue/ports.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { cheapestPlan, hearsWhole } from "../../core/domain/plans.ts";
import type { Admission } from "../../core/domain/streaming/ports.ts";
import type { Listener, Seat, Seats } from "./seats.ts";

export type AdmissionDeps = {
  readonly seats: Seats;
  readonly song: (songId: string) => Promise<SongRecord | undefined>;
};

export type Admissions = {
  /**
   * Leave for one session to stream one song: whole, or its preview where the plan has no more.
   *
   * @throws DomainError `not-found`, `session-ended`, `too-many-devices`, `plan-required`
   */
  admit(listener: Listener, songId: string): Promise<Admission>;
};

export function createAdmissions({ seats, song }: AdmissionDeps): Admissions {
  return {
    async admit(listener, songId) {
      const [record, seat] = await Promise.all([song(songId), seats.take(listener)]);
      if (!record) throw new DomainError("not-found", "There is no such song");
      const audio = audioFor(seat.plan, record);
      const response = seats.open(seat, (plan) => mayGoOn(plan, record.tier, audio === record.preview));
      return {
        object: audio,
        signal: response.signal,
        release: response.release,
      };
    },
  };
}

/** A preview may be heard on every plan, so only what flows whole depends on it. */
const mayGoOn = (plan: PlanName, tier: Tier, isPreview: boolean): boolean =>
  isPreview || hearsWhole(plan, tier);

function audioFor(plan: Seat["plan"], { tier, audio, preview }: SongRecord): SongAudio {
  if (hearsWhole(plan, tier)) return audio;
  if (preview) return preview;
  const requiredPlan = cheapestPlan(({ fullSongs }) => fullSongs === "all");
  throw new DomainError(
    "plan-required",
    "This song is for paying plans, and it has no preview",
    requiredPlan ? { requiredPlan } : {},
  );
}
