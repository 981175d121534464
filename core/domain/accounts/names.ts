import { maxNameLengths } from "../../contract/accounts.ts";
import { requireText } from "../text.ts";

/** An account's address as it is kept and compared. @throws DomainError `invalid-request` */
export const normaliseEmail = (email: string): string => requireText("body/email", email.toLowerCase());

/** @throws DomainError `invalid-request` */
export const cleanName = (field: keyof typeof maxNameLengths, name: string): string =>
  requireText(`body/${field}`, name, maxNameLengths[field]);
