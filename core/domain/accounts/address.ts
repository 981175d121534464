/**
 * The network a client's address stands for: one IPv4 address, or the /64 that one IPv6 subscriber has to
 * itself (RFC 6177), so that nobody gets a new budget by changing the lower half.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const groups = groupsOf(address.toLowerCase());
  // ::ffff:0:0/96 is IPv4 in the form of IPv6 (RFC 4291 §2.5.5.2).
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return ipv4Of(groups);
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** Its eight groups, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const left = split(head);
  const right = split(tail ?? "");
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ""));
}

/** Groups; an IPv4 address at the end is two of them. */
const split = (text: string): string[] =>
  text === "" ? [] : text.split(":").flatMap((group) => (group.includes(".") ? dotted(group) : [group]));

function dotted(text: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

const ipv4Of = (groups: readonly string[]): string =>
  groups
    .slice(6, 8)
    .flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    })
    .join(".");
