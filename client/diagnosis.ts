import { ApiFailure, isNotFound } from "./failure.ts";
import type { Verdict } from "./probe.ts";
import { isBusy } from "./retry.ts";

/** What to do about audio that broke. */
export type Diagnosis =
  /** Names of the devices that have this one's slot. */
  | { readonly kind: "displaced"; readonly playingOn: readonly string[] }
  /** Further tries would not help. */
  | { readonly kind: "unplayable"; readonly error: ApiFailure }
  /** Nothing is wrong with the song; `error` may say how long the server wants to be left alone. */
  | {
      readonly kind: "retry";
      readonly waitingFor?: "network" | "server";
      readonly error?: ApiFailure;
    };

/** So often audio may break although the server finds nothing wrong: where it breaks off, and where it is not understood. */
const maxFailures = { brokenOff: 4, notUnderstood: 1 };

/**
 * @param code of the MediaError, 0 where there is none
 * @param failures how often in a row it broke, this time included
 */
export function diagnose(verdict: Verdict, code: number, failures: number): Diagnosis {
  if (verdict.kind === "offline") return { kind: "retry", waitingFor: "network" };
  if (verdict.kind === "refused") return diagnoseRefusal(verdict.error);
  const most = isNotUnderstood(code) ? maxFailures.notUnderstood : maxFailures.brokenOff;
  return failures > most ? { kind: "unplayable", error: unplayable(code) } : { kind: "retry" };
}

function diagnoseRefusal(error: ApiFailure): Diagnosis {
  if (error.kind === "too-many-devices")
    return { kind: "displaced", playingOn: error.problem?.playingOn ?? ["another device"] };
  if (isBusy(error)) return { kind: "retry", waitingFor: "server", error };
  return { kind: "unplayable", error: isNotFound(error) ? gone() : error };
}

const gone = () => new ApiFailure("not-found", "It is not in the library any more.");

/** MEDIA_ERR_DECODE (3) and MEDIA_ERR_SRC_NOT_SUPPORTED (4) of HTML's MediaError. */
const isNotUnderstood = (code: number) => code >= 3;

const unplayable = (code: number): ApiFailure =>
  isNotUnderstood(code)
    ? new ApiFailure("bad-audio", "This browser cannot play this kind of file.")
    : new ApiFailure("unavailable", "The music keeps breaking off. Try again in a moment.");
