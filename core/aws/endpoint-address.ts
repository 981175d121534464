import { BlockList, isIP } from "node:net";

export type AddressCheck = (address: string) => boolean;

/**
 * Where server nodes may be: `http://<ip>:<port>` with the address in one of the networks (CIDR, like `10.0.0.0/8`).
 * Names are refused, so nothing is resolved that could point elsewhere later.
 * @throws Error for a network that is none
 */
export function createAddressCheck(networks: readonly string[]): AddressCheck {
  const allowed = new BlockList();
  for (const network of networks) addNetwork(allowed, network);
  return (address) => {
    const host = hostOf(address);
    if (host === undefined) return false;
    return allowed.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
  };
}

function addNetwork(list: BlockList, network: string): void {
  const [base = "", length = ""] = network.split("/");
  if (isIP(base) === 0 || !/^\d{1,3}$/.test(length))
    throw new Error(`${network} is not a network like 10.0.0.0/8`);
  list.addSubnet(base, Number(length), isIP(base) === 6 ? "ipv6" : "ipv4");
}

/** The IP address of a plain base URL, which has nothing beyond scheme, address and port. */
function hostOf(address: string): string | undefined {
  const url = URL.parse(address);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  if (url.origin !== address) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : host;
}
