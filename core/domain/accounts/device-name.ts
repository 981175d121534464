import { cleanName } from "./names.ts";

const programs: readonly (readonly [RegExp, string])[] = [
  [/\bEdg/, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, "Android"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bMac OS X\b/, "macOS"],
  [/\bWindows\b/, "Windows"],
  [/\bLinux\b/, "Linux"],
];

const find = (names: typeof programs, userAgent: string): string | undefined =>
  names.find(([pattern]) => pattern.test(userAgent))?.[1];

/** A name for a device that gave none, like "Firefox on Linux", or a plain client's own name, like "curl". */
function describeDevice(userAgent: string): string {
  const program =
    find(programs, userAgent) ?? /^[A-Za-z][\w.-]{0,39}/.exec(userAgent)?.[0] ?? "Unknown device";
  const system = find(systems, userAgent);
  return system === undefined ? program : `${program} on ${system}`;
}

/** The name a device goes by: its own choice, or a description. @throws DomainError `invalid-request` */
export const deviceNameOf = (chosen: string | undefined, userAgent: string): string =>
  chosen === undefined ? describeDevice(userAgent) : cleanName("deviceName", chosen);
