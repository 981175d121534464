import { isIP } from "node:net";
import { join } from "node:path";
import type { Environment } from "../core/domain/ports.ts";

export type ServerConfig = {
  readonly host: string;
  readonly port: number;
  /** Where the private listener is (`/@connections`, `/metrics`), and how other processes reach it. */
  readonly managementHost: string;
  readonly managementPort: number;
  readonly managementAddress: string | undefined;
  /** Whose `X-Forwarded-For` says where a request comes from; else it comes from whoever connects. */
  readonly trustedProxies: readonly string[];
  /** The built player. */
  readonly clientFolder: string;
  /** Most bytes of audio kept in memory. */
  readonly audioCacheBytes: number;
  /** Where blocks of audio are kept over restarts, and how many bytes of them; nowhere by default. */
  readonly audioCacheDir: string | undefined;
  readonly audioCacheDiskBytes: number;
  /** `redirect`: audio comes straight from S3, by URLs that are good for a while. */
  readonly audioDelivery: AudioDelivery;
  readonly logLevel: string;
};

const deliveries = ["proxy", "redirect"] as const;
type AudioDelivery = (typeof deliveries)[number];

const mebibyte = 1024 * 1024;

/** As Pino names them. */
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/** @throws Error that names the variable which cannot be used */
export const readServerConfig = (env: Environment): ServerConfig => ({
  host: readHost(env, "HOST"),
  port: readPort(env),
  managementHost: readHost(env, "MANAGEMENT_HOST"),
  managementPort: readNumber(env, "MANAGEMENT_PORT", { byDefault: 0, most: 65_535 }),
  managementAddress: readManagementAddress(env.MANAGEMENT_ADDRESS),
  trustedProxies: readTrustedProxies(env.TRUSTED_PROXIES),
  clientFolder: env.CLIENT_FOLDER ?? join(import.meta.dirname, "..", "dist", "client"),
  audioCacheBytes: readNumber(env, "AUDIO_CACHE_MIB", { byDefault: 256, least: 1, most: 2 ** 20 }) * mebibyte,
  audioCacheDir: env.AUDIO_CACHE_DIR || undefined,
  audioCacheDiskBytes:
    readNumber(env, "AUDIO_CACHE_DISK_MIB", { byDefault: 4096, least: 1, most: 2 ** 26 }) * mebibyte,
  audioDelivery: readChoice(env, "AUDIO_DELIVERY", deliveries, "proxy"),
  logLevel: readChoice(env, "LOG_LEVEL", logLevels, "info"),
});

/** @throws Error where `PORT` is none */
export const readPort = (env: Environment): number =>
  readNumber(env, "PORT", { byDefault: 8080, most: 65_535 });

/** A variable that is set to nothing counts as one that is not set. */
const readHost = (env: Environment, name: string): string => env[name] || "127.0.0.1";

function readManagementAddress(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.parse(text);
  if (url?.protocol === "http:" && url.origin === text) return text;
  throw new Error(`MANAGEMENT_ADDRESS must be an address like http://10.0.0.5:9000, not ${text}`);
}

/**
 * `TRUSTED_PROXIES`: addresses and networks (CIDR), separated by commas, of the proxies whose `X-Forwarded-For` counts.
 * @throws Error that names what is none
 */
function readTrustedProxies(text = ""): readonly string[] {
  const networks = text.split(",").flatMap((network) => network.trim() || []);
  for (const network of networks) {
    const [base = "", length] = network.split("/");
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(base)] ?? -1;
    const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
    if (most < 0 || bits > most)
      throw new Error(
        `TRUSTED_PROXIES must be addresses or networks like 127.0.0.1,10.0.0.0/8, not ${network}`,
      );
  }
  return networks;
}

function readChoice<T extends string>(
  env: Environment,
  name: string,
  choices: readonly T[],
  byDefault: T,
): T {
  const text = env[name] || byDefault;
  const found = choices.find((choice) => choice === text);
  if (found) return found;
  throw new Error(`${name} must be ${choices.join(" or ")}, not ${text}`);
}

type Bounds = { readonly byDefault: number; readonly least?: number; readonly most: number };

function readNumber(env: Environment, name: string, { byDefault, least = 0, most }: Bounds): number {
  const text = env[name] || String(byDefault);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${name} must be a whole number from ${least} to ${most}, not ${text}`);
}
