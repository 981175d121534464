import { DomainError } from "../errors.ts";

/** An account's address as it is kept and compared. @throws DomainError `invalid-request` */
export const normaliseEmail = (email: string): string => visible("email", email.trim().toLowerCase());

/** @throws DomainError `invalid-request` */
export const cleanName = (field: "userName" | "deviceName", name: string): string =>
  visible(field, name.trim().normalize("NFC"));

/** Control characters, halves of surrogate pairs, and marks that turn the direction of the text around it. */
const hidden = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

function visible(field: string, text: string): string {
  if (!hidden.test(text) && text !== "") return text;
  const errors = [{ path: `body/${field}`, message: "must be of visible characters" }];
  throw new DomainError("invalid-request", `${field} must be of visible characters`, { errors });
}
