import { maxNameLengths } from "../../../contract/accounts.ts";
import {
  type Hello,
  maxMessageBytes,
  type PlaybackIntent,
  type PlaybackState,
  type ServerMessage,
} from "../../../contract/live.ts";
import { DomainError } from "../../errors.ts";
import type { Clock, Log } from "../../ports.ts";
import { requireText } from "../../shared/text.ts";
import type { headOf, Resumed, resume } from "../../subscriptions/resume.ts";
import { byteLength, readFrame } from "./frames.ts";
import { type PlaybackDeps, takePlayback } from "./playback.ts";
import type { DeviceLabel, LiveConnection } from "./ports.ts";

/** The position of a user's head, with the head itself. */
type HeadPosition = Awaited<ReturnType<typeof headOf>> extends ReadonlyMap<string, infer H> ? H : never;
type ResumeRequest = Parameters<typeof resume>[1];

/** What each endpoint gives the protocol. A node batches the reads and writes of all its connections behind it. */
export type ProtocolDeps = PlaybackDeps & {
  /** Seconds between two `ping` of a client. */
  readonly heartbeatSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Stores the connection's row with the device; resolves only when every later push will find it. */
  introduce(connection: LiveConnection, device: DeviceLabel): Promise<void>;
  /** The device that this connection introduced. */
  deviceOf(connection: LiveConnection): Promise<DeviceLabel | undefined>;
  /** The user's head as committed now, if there is one. */
  headOf(userId: string): Promise<HeadPosition | undefined>;
  /** What the device misses; reads nothing more where the given head says that it misses nothing. */
  resume(request: ResumeRequest): Promise<Resumed>;
};

/**
 * The live protocol: answers one frame of a client. @returns the messages to send, in order; every fault is an `error`
 * message, and nothing is thrown
 */
export async function receive(
  deps: ProtocolDeps,
  connection: LiveConnection,
  text: string,
): Promise<readonly ServerMessage[]> {
  try {
    const message = readFrame(text);
    switch (message.type) {
      case "hello":
        return await hello(deps, connection, message);
      case "ping":
        return [await pong(deps, connection)];
      case "playback":
        return [await playback(deps, connection, message)];
    }
  } catch (error) {
    return [toError(deps.log, connection, error)];
  }
}

/** The answer to a binary frame. */
export const binaryRefused: ServerMessage = {
  type: "error",
  problem: new DomainError("invalid-request", "Messages are JSON text").toProblem(),
};

/**
 * The row is stored before the head is read: a change committed later finds the row, and one committed earlier is in
 * the head. So none falls between.
 */
async function hello(
  deps: ProtocolDeps,
  connection: LiveConnection,
  { epoch, since, device }: Hello,
): Promise<ServerMessage[]> {
  const name = requireText("message/device/name", device.name, maxNameLengths.deviceName);
  await deps.introduce(connection, { id: device.id, name });
  const { userId, connectionId } = connection;
  const [resumed, state] = await Promise.all([
    resumeFrom(deps, { userId, epoch, since }),
    deps.playback.get(userId),
  ]);
  const { heartbeatSeconds } = deps;
  return [
    {
      type: "welcome",
      connectionId,
      epoch: resumed.epoch,
      revision: resumed.revision,
      heartbeatSeconds,
    },
    ...missing(resumed),
    ...(state ? [playbackMessage(state)] : []),
  ];
}

async function resumeFrom(deps: ProtocolDeps, request: ResumeRequest): Promise<Resumed> {
  const position = await deps.headOf(request.userId);
  return deps.resume({ ...request, ...(position && { head: position.head }) });
}

function missing(resumed: Resumed): ServerMessage[] {
  if (resumed.kind === "current") return [];
  const { epoch, revision } = resumed;
  const resync: ServerMessage = { type: "resync", epoch, revision };
  if (resumed.kind === "resync") return [resync];
  const changes: ServerMessage = {
    type: "changes",
    from: resumed.from,
    to: resumed.to,
    changes: [...resumed.changes],
  };
  return [fits(changes) ? changes : resync];
}

/** Whether a message is short enough for each endpoint (`maxMessageBytes`). */
export const fits = (message: ServerMessage): boolean =>
  byteLength(JSON.stringify(message)) <= maxMessageBytes;

async function pong(deps: ProtocolDeps, { userId }: LiveConnection): Promise<ServerMessage> {
  const head = await deps.headOf(userId);
  return { type: "pong", ...(head && { revision: head.revision }) };
}

async function playback(
  deps: ProtocolDeps,
  connection: LiveConnection,
  intent: PlaybackIntent,
): Promise<ServerMessage> {
  const device = await deps.deviceOf(connection);
  if (!device) throw new DomainError("invalid-request", "Say hello first");
  return playbackMessage(await takePlayback(deps, connection, device, intent));
}

const playbackMessage = (state: PlaybackState | null): ServerMessage => ({ type: "playback", state });

function toError(log: Log, { connectionId }: LiveConnection, error: unknown): ServerMessage {
  if (error instanceof DomainError) return { type: "error", problem: error.toProblem() };
  log.error({ connectionId, err: error }, "A live message failed");
  return { type: "error", problem: new DomainError("internal").toProblem() };
}
