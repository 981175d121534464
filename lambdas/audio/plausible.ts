import { Damage } from "./damage.ts";

/** Silence takes this much at least in every codec (bytes for a second); what claims less has made its length up. */
const minBytesPerSecond = 4;

/** @returns the seconds @throws Damage where so few bytes of audio cannot last as long */
export function plausible(seconds: number, audioBytes: number): number {
  if (seconds * minBytesPerSecond <= audioBytes) return seconds;
  throw new Damage("The file is damaged: it claims to last longer than its audio can");
}
