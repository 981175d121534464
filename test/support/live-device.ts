import { once } from "node:events";
import { ulid } from "ulid";
import WebSocket, { type ClientOptions } from "ws";
import type { ClientMessage, ServerMessage } from "../../core/contract/live.ts";
import { applyChanges, emptyReplica, type Replica } from "../../core/domain/subscriptions/replica.ts";
import { until } from "./until.ts";

type Of<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

/** One device on a real socket, which keeps everything it is told and a replica of the list. */
export async function openDevice(url: string, token: string | undefined, options: ClientOptions = {}) {
  const ws = new WebSocket(url, "encore.v1", {
    ...options,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...options.headers },
  });
  const messages: ServerMessage[] = [];
  const outcomes: string[] = [];
  const state: { replica: Replica } = { replica: emptyReplica };
  ws.on("message", (data) => {
    const message = JSON.parse(String(data)) as ServerMessage;
    messages.push(message);
    if (message.type === "resync")
      state.replica = { ...emptyReplica, epoch: message.epoch, revision: message.revision };
    if (message.type === "welcome" && state.replica.epoch === null && message.revision === 0)
      state.replica = { ...emptyReplica, epoch: message.epoch, revision: 0 };
    if (message.type !== "changes") return;
    const { replica, outcome } = applyChanges(state.replica, message);
    state.replica = replica;
    outcomes.push(outcome);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(ws, "open");
  ws.on("error", () => {});
  const deviceId = ulid();

  const of = <T extends ServerMessage["type"]>(type: T): Of<T>[] =>
    messages.filter((message): message is Of<T> => message.type === type);
  const next = async <T extends ServerMessage["type"]>(type: T, matches: (message: Of<T>) => boolean) => {
    await until(`a matching ${type} among ${JSON.stringify(messages)}`, () => of(type).some(matches));
    return of(type).findLast(matches) as Of<T>;
  };
  return {
    ws,
    messages,
    outcomes,
    state,
    closed,
    deviceId,
    of,
    next,
    protocol: ws.protocol,
    send: (message: ClientMessage | string) =>
      ws.send(typeof message === "string" ? message : JSON.stringify(message)),
    /** Says hello with what the replica has, and waits for the welcome. */
    async hello(
      position: { epoch: string | null; since: number | null } = { epoch: null, since: null },
      name = "Phone",
    ) {
      const before = of("welcome").length;
      ws.send(JSON.stringify({ type: "hello", ...position, device: { id: deviceId, name } }));
      await until(`a welcome among ${JSON.stringify(messages)}`, () => of("welcome").length > before);
      return of("welcome").at(-1) as Of<"welcome">;
    },
    songs: () => [...state.replica.subscriptions.keys()].sort(),
  };
}

/** The status and body with which an upgrade is refused. */
export function refusal(url: string, options: ClientOptions = {}): Promise<{ status: number; body: string }> {
  const ws = new WebSocket(url, options);
  return new Promise((resolve, reject) => {
    ws.on("open", () => reject(new Error("It was accepted")));
    ws.on("error", reject);
    ws.on("unexpected-response", async (_, response) => {
      const chunks = await response.toArray();
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
    });
  });
}
