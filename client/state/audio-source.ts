import type { PlanName } from "../../core/contract/accounts.ts";
import type { Song } from "../../core/contract/catalogue.ts";
import { hearsWhole } from "../../core/domain/plans.ts";
import type { AudioSource } from "../player-state.ts";

const previewSeconds = 30;

/**
 * What a listener on that plan hears of a song. One address a kind of audio: browsers play on from what they have of an
 * address, without asking (Chromium, 5 min).
 */
export function audioSourceOf(song: Song, plan: PlanName): AudioSource {
  const { streamUrl, tier, contentType, durationSeconds } = song;
  if (hearsWhole(plan, tier))
    return { url: `${streamUrl}?whole`, contentType, durationSeconds, isDurationKnown: durationSeconds > 0 };
  const seconds = Math.min(durationSeconds, previewSeconds);
  return { url: `${streamUrl}?preview`, contentType, durationSeconds: seconds, isDurationKnown: false };
}
