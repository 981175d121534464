import { setTimeout as wait } from "node:timers/promises";
import { type CatalogueMessage, maxChangedSongs } from "../../core/contract/live.ts";
import type { ClientConnection } from "./client-connection.ts";

export type CatalogueBroadcastDeps = {
  readonly connections: () => Iterable<ClientConnection>;
  readonly send: (connection: ClientConnection, text: string) => void;
};

export type CatalogueBroadcastOptions = {
  /** Least time between two messages to one connection, in milliseconds. */
  readonly everyMs?: number;
  /**
   * Connections that are told at once. The next follow after `stepMs` (milliseconds), so that not all players ask at
   * once.
   */
  readonly atOnce?: number;
  readonly stepMs?: number;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

/**
 * Tells every connection of this process which songs of the catalogue have changed. The first change is told at once;
 * those that come while connections are being told wait for the next round, so an import of thousands of songs is one
 * message a second for a connection, and 15,000 connections take 8 s.
 */
export type CatalogueBroadcast = { changed(songId: string): void; stop(): void };

export function createCatalogueBroadcast(
  { connections, send }: CatalogueBroadcastDeps,
  { everyMs = 1_000, atOnce = 200, stepMs = 100, pause = unrefPause }: CatalogueBroadcastOptions = {},
): CatalogueBroadcast {
  const changed = new Set<string>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let running = false;

  async function run(): Promise<void> {
    running = true;
    // One push may bring several changes.
    await undefined;
    while (changed.size > 0 && !signal.aborted) {
      await tellAll(takeText());
      await pause(everyMs, signal);
    }
    running = false;
  }

  async function tellAll(text: string): Promise<void> {
    const waiting = [...connections()].filter(({ device }) => device !== undefined);
    for (let at = 0; at < waiting.length; at += atOnce) {
      if (at > 0) await pause(stepMs, signal);
      if (signal.aborted) return;
      for (const connection of waiting.slice(at, at + atOnce)) send(connection, text);
    }
  }

  function takeText(): string {
    const songIds = [...changed];
    changed.clear();
    return JSON.stringify({
      type: "catalogue",
      changed: songIds.length > maxChangedSongs ? "many" : songIds,
    } satisfies CatalogueMessage);
  }

  return {
    changed(songId) {
      // One more than can be named says that there are many.
      if (changed.size <= maxChangedSongs) changed.add(songId);
      if (!running) void run();
    },
    stop: () => stopping.abort(),
  };
}

/** Keeps no process alive, and is over when the signal aborts. */
const unrefPause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal, ref: false }).catch(() => {});
