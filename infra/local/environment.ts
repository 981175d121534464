import { createPrivateKey, createPublicKey } from "node:crypto";
import { createAddressCheck } from "../../core/aws/endpoint-address.ts";
import { readPublicKeys, readThrottleLimits, readTokenConfig } from "../../core/domain/accounts/config.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { readUploadQuota } from "../../core/domain/uploads/quota.ts";
import { readServerConfig } from "../../server/config.ts";
import { readWorkers } from "../../server/workers.ts";

/**
 * Looks at every variable before anything is touched or begun, so that one that cannot be used is one line at once and
 * not a failure of whatever reads it first.
 * @throws Error that names the variable
 */
export function checkEnvironment(given: Environment): void {
  const env = withoutEmpty(given);
  for (const [name, { wanted, isGood }] of Object.entries(texts)) {
    const text = env[name];
    if (text && !isGood(text)) throw new Error(`${name} must be ${wanted}, not ${text}`);
  }
  for (const [name, { wanted, isGood }] of Object.entries(secrets)) {
    const text = env[name];
    if (text && !isGood(text)) throw new Error(`${name} must be ${wanted}`);
  }
  for (const read of [readServerConfig, readThrottleLimits, readUploadQuota, readWorkers]) read(env);
  checkPorts(env);
  checkKeys(env);
}

/** A variable that is set to nothing counts as one that is not set; tables may have no prefix, though. */
export const withoutEmpty = (env: Environment): Environment =>
  Object.fromEntries(
    Object.entries(env).filter(([name, text]) => Boolean(text) || (name === "TABLE_PREFIX" && text === "")),
  );

type Rule = { readonly wanted: string; isGood(text: string): boolean };

const url = (schemes: string, like: string): Rule => ({
  wanted: `an address with its scheme, like ${like}`,
  isGood: (text) => {
    const parsed = URL.parse(text);
    return parsed !== null && schemes.split(" ").includes(parsed.protocol) && parsed.hostname !== "";
  },
});
const site: Rule = {
  wanted: "an address with its scheme and without a path, like https://encore.example",
  isGood: (text) => url("http: https:", "").isGood(text) && isSite(new URL(text)),
};
const isSite = ({ pathname, search, hash, username, password }: URL): boolean =>
  pathname === "/" && search + hash + username + password === "";

const engine = url("http: https:", "http://127.0.0.1:8000");
const liveUrl = url("ws: wss:", "wss://encore.example/live");

const list =
  (isGood: (item: string) => boolean) =>
  (text: string): boolean =>
    text.split(",").every((item) => isGood(item.trim()));
const isNetwork = (network: string): boolean => {
  try {
    createAddressCheck([network]);
    return true;
  } catch {
    return false;
  }
};

const texts: Readonly<Record<string, Rule>> = {
  PUBLIC_URL: site,
  ALLOWED_ORIGINS: {
    wanted: "origins like https://encore.example, separated by commas",
    isGood: list((origin) => site.isGood(origin) && new URL(origin).origin === origin),
  },
  DEMO_TRACKS: { wanted: "a whole number", isGood: (text) => /^\d{1,9}$/.test(text) },
  AWS_ENDPOINT_URL_DYNAMODB: engine,
  AWS_ENDPOINT_URL_DYNAMODB_STREAMS: engine,
  AWS_ENDPOINT_URL_S3: engine,
  AWS_REGION: { wanted: "a region like eu-central-1", isGood: (text) => /^[a-z\d-]{1,63}$/i.test(text) },
  TABLE_PREFIX: {
    wanted: "of at most 200 letters, digits, points, hyphens and underscores",
    isGood: (text) => /^[\w.-]{1,200}$/.test(text),
  },
  MUSIC_BUCKET: {
    wanted: "of 3 to 63 small letters, digits, points and hyphens",
    isGood: (text) => /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(text),
  },
  ENDPOINT_NETWORKS: {
    wanted: "networks like 127.0.0.0/8,::1/128",
    isGood: list(isNetwork),
  },
  LIVE_NODE_URL: liveUrl,
  LIVE_GATEWAY_URL: liveUrl,
};

/** What must not be told back in a message. */
const secrets: Readonly<Record<string, Rule>> = {
  DEMO_PASSWORD: {
    wanted: "a password of 8 to 256 characters",
    isGood: (text) => text.length >= 8 && text.length <= 256,
  },
  MANAGEMENT_SECRET: {
    wanted: "of 16 visible ASCII characters or more",
    isGood: (text) => /^[!-~]{16,}$/.test(text),
  },
  EDGE_SECRET: { wanted: "of visible ASCII characters", isGood: (text) => /^[!-~]+( +[!-~]+)*$/.test(text) },
};

function checkPorts({ PORT: port, MANAGEMENT_PORT: management }: Environment): void {
  if (port && port !== "0" && port === management)
    throw new Error(`MANAGEMENT_PORT must be another port than PORT, not ${port} as well`);
}

/** Keys are made by the first start; who brings some of their own brings all of them. */
function checkKeys(env: Environment): void {
  const names = ["TOKEN_PRIVATE_KEY", "TOKEN_KEY_ID", "TOKEN_PUBLIC_KEYS"];
  const given = names.filter((name) => env[name]);
  if (given.length === 0) return;
  if (given.length < names.length)
    throw new Error(`${names.join(", ")} belong together: set all three, or none of them`);
  try {
    for (const pem of Object.values(readPublicKeys(env))) createPublicKey(pem);
  } catch {
    throw new Error("TOKEN_PUBLIC_KEYS must be a JSON object from key id to the PEM of a public key");
  }
  try {
    createPrivateKey(readTokenConfig(env).privateKeyPem);
  } catch {
    throw new Error("TOKEN_PRIVATE_KEY must be the PEM of an ES256 key, as it is or in base64");
  }
}
