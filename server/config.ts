import { join } from "node:path";
import type { Environment } from "../core/domain/ports.ts";

export type ServerConfig = {
  readonly host: string;
  readonly port: number;
  /** Where the private listener is (`/@connections`, `/metrics`), and how other processes reach it. */
  readonly managementHost: string;
  readonly managementPort: number;
  readonly managementAddress: string | undefined;
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
export type AudioDelivery = (typeof deliveries)[number];

const mebibyte = 1024 * 1024;

/** @throws Error that names the variable which cannot be used */
export const readServerConfig = (env: Environment): ServerConfig => ({
  host: env.HOST ?? "127.0.0.1",
  port: readPort(env),
  managementHost: env.MANAGEMENT_HOST ?? "127.0.0.1",
  managementPort: readNumber(env, "MANAGEMENT_PORT", 0, 65_535),
  managementAddress: env.MANAGEMENT_ADDRESS,
  clientFolder: env.CLIENT_FOLDER ?? join(import.meta.dirname, "..", "dist", "client"),
  audioCacheBytes: readNumber(env, "AUDIO_CACHE_MIB", 256, 1024 * 1024) * mebibyte,
  audioCacheDir: env.AUDIO_CACHE_DIR,
  audioCacheDiskBytes: readNumber(env, "AUDIO_CACHE_DISK_MIB", 4096, 64 * 1024 * 1024) * mebibyte,
  audioDelivery: readDelivery(env.AUDIO_DELIVERY),
  logLevel: env.LOG_LEVEL ?? "info",
});

function readDelivery(name = "proxy"): AudioDelivery {
  const found = deliveries.find((delivery) => delivery === name);
  if (found) return found;
  throw new Error(`AUDIO_DELIVERY must be ${deliveries.join(" or ")}, not ${name}`);
}

/** @throws Error where `PORT` is none */
export const readPort = (env: Environment): number => readNumber(env, "PORT", 8080, 65_535);

function readNumber(env: Environment, name: string, byDefault: number, most: number): number {
  const value = Number(env[name] ?? byDefault);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`${name} must be a whole number from 0 to ${most}, not ${env[name]}`);
}
