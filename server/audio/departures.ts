import type { Socket } from "node:net";

/** Calls `act` when the connection closes; returns the undo. */
export type OnClose = (socket: Socket, act: () => void) => () => void;

/**
 * One listener a connection, however many requests come over it and wait there at once. A response that waits its
 * turn behind another on its connection is not told of the close by Node, so the connection itself is asked.
 */
export function watchConnections(): OnClose {
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
