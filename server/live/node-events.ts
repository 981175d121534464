import { EventEmitter } from "node:events";
import type { AccountEvent, NodeEvent, SongEvent } from "../../core/domain/live/push/ports.ts";

/** Events of push batches for this process itself, which serves audio: beside the commands for its connections. */
export type NodeEvents = ReturnType<typeof createNodeEvents>;

type Undo = () => void;

export function createNodeEvents() {
  const emitter = new EventEmitter().setMaxListeners(0);
  const on = <E extends NodeEvent>(name: string, listener: (event: E) => void): Undo => {
    emitter.on(name, listener);
    return () => void emitter.off(name, listener);
  };
  return {
    emit(event: NodeEvent): void {
      if ("userId" in event) return void emitter.emit(`user ${event.userId}`, event);
      if (event.served !== false) emitter.emit("song", event);
      emitter.emit("catalogue", event);
    },

    /** Calls `listener` for each event of the user. @returns the undo */
    onAccountEvent: (userId: string, listener: (event: AccountEvent) => void): Undo =>
      on(`user ${userId}`, listener),

    /** Calls `listener` for each song whose audio, tier or cover is another now, or that is gone. @returns the undo */
    onSongEvent: (listener: (event: SongEvent) => void): Undo => on("song", listener),

    /** Calls `listener` for each song that is new, another now, or gone, in whatever way. @returns the undo */
    onCatalogueEvent: (listener: (event: SongEvent) => void): Undo => on("catalogue", listener),
  };
}
