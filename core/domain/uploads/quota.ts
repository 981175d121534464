import { DomainError } from "../errors.ts";
import type { Clock, Environment } from "../ports.ts";
import type { CounterStore } from "../shared/counter-store.ts";

export type QuotaDeps = {
  readonly counters: CounterStore;
  readonly clock: Clock;
  /** Bytes that one curator may begin to upload in a day (UTC). */
  readonly bytesPerDay: number;
};

const dayMs = 86_400_000;
const gibibyte = 2 ** 30;

/** `UPLOAD_QUOTA_GIB`: what one curator may upload in a day. @throws Error where it is no number above 0 */
export function readUploadQuota({ UPLOAD_QUOTA_GIB: text = "100" }: Environment): number {
  const quota = Number(text);
  if (!(quota > 0)) throw new Error(`UPLOAD_QUOTA_GIB must be a number above 0, not ${text}`);
  return quota * gibibyte;
}

/** Takes the bytes of an upload from its curator's day. @throws DomainError `upload-quota`, and takes nothing */
export async function takeQuota(deps: QuotaDeps, userId: string, bytes: number, now: Date): Promise<void> {
  const { key, endsAt } = dayOf(userId, now);
  const used = await deps.counters.add(key, bytes, endsAt);
  if (used <= deps.bytesPerDay) return;
  await deps.counters.add(key, -bytes, endsAt);
  const left = Math.max(0, deps.bytesPerDay - (used - bytes));
  throw new DomainError(
    "upload-quota",
    `${inMiB(bytes)} MiB are more than the ${inMiB(left)} MiB left of today's ${inMiB(deps.bytesPerDay)} MiB`,
    { retryAfterSeconds: endsAt - Math.floor(now.getTime() / 1000) },
  );
}

/** Gives back what an upload took when it was begun at `begunAt`: it is given up. */
export async function giveQuotaBack(
  { counters }: QuotaDeps,
  userId: string,
  bytes: number,
  begunAt: Date,
): Promise<void> {
  const { key, endsAt } = dayOf(userId, begunAt);
  await counters.add(key, -bytes, endsAt);
}

/** Rounded up, so that no file seems to fit that does not. */
const inMiB = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

function dayOf(userId: string, time: Date): { readonly key: string; readonly endsAt: number } {
  const day = Math.floor(time.getTime() / dayMs);
  return { key: `upload#${userId}#${day}`, endsAt: ((day + 1) * dayMs) / 1000 };
}
