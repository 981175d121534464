import type { PlanName } from "../../core/contract/accounts.ts";
import type { DomainError } from "../../core/domain/errors.ts";

/** A signed-in device that asks for audio, as its access token names it; nothing has been read yet. */
export type Listener = { readonly userId: string; readonly sessionId: string; readonly email: string };

/** A stream slot of one session that this process holds, with the responses that are open on it here. */
export type HeldSlot = {
  readonly listener: Listener;
  readonly deviceName: string;
  readonly endpointId: string;
  plan: PlanName;
  /** The version of the row at which the slot was acquired. */
  order: number;
  /** The newest version of the row by which the session lost a slot. */
  revokedAt: number;
  /** The person's wish by which the slot was acquired. */
  wish: string | undefined;
  /** When the entitlement was read last (milliseconds of `elapsedMs`). */
  checkedAt: number;
  readonly responses: Set<OpenResponse>;
  idleTimer: NodeJS.Timeout | undefined;
  /** Ends the subscription to the user's account events. */
  unsubscribe: () => void;
};

/** A response that is being sent on a held slot. */
export type OpenResponse = {
  isAllowedBy(plan: PlanName): boolean;
  /** Ends the response, for good. */
  end(reason: DomainError): void;
};
