import type { ServerMessage } from "../../core/contract/live.ts";
import type { Replica } from "../../core/domain/subscriptions/replica.ts";
import { createLiveClient, type LiveClient, type LiveClientDeps } from "../live/live-client.ts";
import type { LiveState } from "../live/state.ts";
import { createStore, type Readable, type Store } from "../state/store.ts";
import type { Candidate, Channel, Tabs } from "./election.ts";
import { createFollower } from "./follower.ts";
import { createLeader, type Leader } from "./leader.ts";
import { type Note, pack, type TabMessage, tabsVersion, unpack } from "./messages.ts";

export type SharedLiveClient = LiveClient & {
  /** Whether this tab has the connection, and so sends the changes of all. */
  readonly leads: Readable<boolean>;
  /** Tells all other tabs. */
  tell(note: Note): void;
  /** Makes sure that some tab leads, and leads if the one that should does not answer. */
  check(): void;
};

/** What a tab that joins must be told, since the server says it once. */
const lasting: readonly ServerMessage["type"][] = ["devices", "playback", "account"];

/**
 * One live client for all tabs of a browser. The tab that leads has the connection; the others follow it, and the
 * next one goes on from what it has when the page of the first is gone.
 *
 * @param name the same for all tabs that share a live client: one user of one browser
 * @param onMessage what the server said, in every tab
 * @param onNote what another tab told
 */
export function createSharedLiveClient(
  deps: Omit<LiveClientDeps, "onMessage" | "replica"> & {
    name: string;
    replica: Store<Replica>;
    tabs: Tabs;
    onMessage: (message: ServerMessage) => void;
    onNote: (note: Note) => void;
  },
): SharedLiveClient {
  const { replica, tabs } = deps;
  const name = `encore.live.${tabsVersion}.${deps.name}`;
  const state = createStore<LiveState>({ kind: "stopped", reason: "not-started" });
  const leads = createStore(false);
  const told = new Map<ServerMessage["type"], ServerMessage>();
  let channel: Channel | undefined;
  let candidate: Candidate | undefined;
  let leader: Leader | undefined;

  const post = (message: TabMessage) => channel?.postMessage(message);

  function onMessage(message: ServerMessage): void {
    if (lasting.includes(message.type)) told.set(message.type, message);
    deps.onMessage(message);
  }

  const follower = createFollower({
    ...deps,
    state,
    onMessage,
    post,
    overdue: () => candidate?.take(),
  });

  function lead(): void {
    follower.stop();
    leader = createLeader({
      open: (listener) => createLiveClient({ ...deps, onMessage: listener }),
      replica,
      state,
      told: () => [...told.values()],
      onMessage,
      post,
    });
    leads.set(true);
  }

  function follow(): void {
    leader?.stop();
    leader = undefined;
    leads.set(false);
  }

  function hear(message: TabMessage): void {
    if (message.type === "note") deps.onNote(unpack(message.note));
    else if (message.type === "join" || message.type === "wake" || message.type === "send")
      leader?.hear(message);
    else if (!leader) follower.hear(message);
  }

  state.subscribe(({ kind }) => {
    if (kind !== "live") told.delete("devices");
  });

  return {
    state,
    replica,
    leads,
    start() {
      if (channel) return;
      channel = tabs.open(name);
      channel.onmessage = ({ data }) => hear(data as TabMessage);
      state.set({ kind: "connecting", attempt: 0 });
      candidate = tabs.elect(name, {
        won: lead,
        lost: () => {
          follow();
          follower.check();
        },
      });
      if (!leader) follower.check();
    },
    stop() {
      candidate?.leave();
      follower.stop();
      follow();
      channel?.close();
      channel = undefined;
      candidate = undefined;
      state.set({ kind: "stopped", reason: "left" });
    },
    wake() {
      if (leader) return leader.client.wake();
      post({ type: "wake" });
      follower.check();
    },
    send(message) {
      if (leader) return leader.client.send(message);
      if (state.get().kind !== "live") return false;
      post({ type: "send", message });
      return true;
    },
    tell: (note) => post({ type: "note", note: pack(note) }),
    check() {
      if (!leader) follower.check();
    },
  };
}
