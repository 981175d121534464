import { maxNameLengths } from "../../contract/accounts.ts";
import { requireText } from "../shared/text.ts";

/** @throws DomainError `invalid-request` */
export const cleanName = (field: keyof typeof maxNameLengths, name: string): string =>
  requireText(`body/${field}`, name, maxNameLengths[field]);
