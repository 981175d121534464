import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Whether a host name or an address, without brackets and as it is written, is this machine's own. Other ways to write
 * one (`127.1`, `2130706433`, `localhost.`, `::ffff:127.0.0.1`) are not taken for it: whoever means this machine has
 * the usual one.
 */
export function isLoopbackName(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === "localhost";
  return family === 4 ? loopback.check(host) : host === "::1";
}

export type HostHeader = { readonly name: string; readonly port: string };

/** The parts of a `Host` header (RFC 9110 §7.2), an IPv6 address without brackets; undefined where it is none. */
export function parseHost(header: string | undefined): HostHeader | undefined {
  const [, v6, name = v6, port = ""] =
    /^(?:\[([\da-f:.]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/i.exec(header ?? "") ?? [];
  return name === undefined ? undefined : { name, port };
}
