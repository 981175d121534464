import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Account } from "./ports.ts";

/**
 * What a device keeps to show that it signed in to an account before: `<device>.<proof>[.<proof> …]`, a random id and a
 * MAC of it for each of its latest accounts, under a key that lies in the account's row. It opens nothing; it only tells
 * the owner's device from a stranger (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
 */
export type DeviceProofs = { readonly device: string; readonly proofs: readonly string[] };

/** How many accounts of one device are remembered, the latest first. */
const maxProofs = 5;

const format = new RegExp(`^([\\w-]{22})((?:\\.[\\w-]{22}){1,${maxProofs}})$`);

export const newDeviceKey = (): string => randomBytes(32).toString("base64url");

export function parseDeviceToken(token: string | undefined): DeviceProofs | undefined {
  const [, device, proofs] = format.exec(token ?? "") ?? [];
  return device && proofs ? { device, proofs: proofs.slice(1).split(".") } : undefined;
}

type Owner = Pick<Account, "userId" | "deviceKey">;

/** The device's id where it holds a proof for this account. */
export function provenDevice(token: string | undefined, { userId, deviceKey }: Owner): string | undefined {
  const parsed = parseDeviceToken(token);
  if (!parsed || deviceKey === undefined) return undefined;
  const right = Buffer.from(proofOf(parsed.device, userId, deviceKey));
  return parsed.proofs.some((proof) => timingSafeEqual(Buffer.from(proof), right))
    ? parsed.device
    : undefined;
}

/** The id of a device that has none yet: always the same for a session. */
export const deviceOf = (sessionId: string, deviceKey: string): string =>
  mac(deviceKey, `device ${sessionId}`);

/** The device's token with a proof for this account in front. */
export function withProof({ device, proofs }: DeviceProofs, { userId, deviceKey }: Required<Owner>): string {
  const proof = proofOf(device, userId, deviceKey);
  const kept = [proof, ...proofs.filter((other) => other !== proof)].slice(0, maxProofs);
  return [device, ...kept].join(".");
}

const proofOf = (device: string, userId: string, deviceKey: string): string =>
  mac(deviceKey, `${userId}.${device}`);

const mac = (key: string, text: string): string =>
  createHmac("sha256", key).update(text).digest("base64url").slice(0, 22);
