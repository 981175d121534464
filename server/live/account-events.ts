import { EventEmitter } from "node:events";
import type { AccountEvent } from "../../core/domain/live/ports.ts";

/** What pushes tell this process of accounts, for those who serve them here (open responses). */
export type AccountEvents = ReturnType<typeof createAccountEvents>;

export function createAccountEvents() {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    emit: (event: AccountEvent): void => void emitter.emit(event.userId, event),

    /** Calls `listener` for each event of the user. @returns the undo */
    onAccountEvent(userId: string, listener: (event: AccountEvent) => void): () => void {
      emitter.on(userId, listener);
      return () => void emitter.off(userId, listener);
    },
  };
}
