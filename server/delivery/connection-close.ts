import type { Socket } from "node:net";

/** Calls `act` when the connection closes. @returns the undo */
export type OnConnectionClose = (socket: Socket, act: () => void) => () => void;

/**
 * Listens to each connection once, however many requests come over it and wait there at once. Node does not tell a
 * response that waits behind another on its connection of the close, so the socket itself is listened to.
 */
export function createConnectionClose(): OnConnectionClose {
  const watched = new WeakMap<Socket, Set<() => void>>();

  function watch(socket: Socket): Set<() => void> {
    const acts = new Set<() => void>();
    watched.set(socket, acts);
    socket.once("close", () => {
      for (const act of acts) act();
    });
    return acts;
  }

  return (socket, act) => {
    const acts = watched.get(socket) ?? watch(socket);
    acts.add(act);
    return () => acts.delete(act);
  };
}
