import { openRawWebSocket } from "./raw-websocket.ts";
import type { Outcome, WebSocketCase } from "./websocket-cases/case.ts";
import { closeBody, frame, opcodes } from "./websocket-frames.ts";

/** What came back of a case. */
export type Trial = {
  readonly answers: readonly string[];
  readonly pongs: readonly Buffer[];
  /** Absent where the connection stayed open. */
  readonly close?: number;
};

/** No case sends it, and no other message is refused with its words: the connection lives, and all before it is done. */
const fence = frame({
  payload: '{"type":"playback","version":0,"songId":null,"positionSeconds":0,"paused":true}',
});
const fenceAnswer = "Say hello first";

/** Sends what the case says and collects what comes back, until the connection ends or the last is answered. */
export async function tryCase(
  url: string,
  token: string,
  { send, hangUp, expect }: Pick<WebSocketCase, "send" | "hangUp"> & { expect: readonly Outcome[] },
): Promise<Trial> {
  const answers: string[] = [];
  const pongs: Buffer[] = [];
  const fenced = Promise.withResolvers<"open">();
  const { socket, write, ended } = await openRawWebSocket(url, {
    token,
    onFrame: ({ opcode, payload }) => {
      if (opcode === opcodes.pong) pongs.push(payload);
      if (opcode === opcodes.close) echo(payload);
      if (opcode !== opcodes.text) return;
      const message = JSON.parse(payload.toString());
      if (message.problem?.detail === fenceAnswer) fenced.resolve("open");
      else answers.push(message.type);
    },
  });
  // Whoever is sent a close frame sends one back (RFC 6455 §5.5.1).
  const echo = (payload: Buffer) => write(frame({ opcode: opcodes.close, payload }));
  for (const bytes of send) write(bytes);
  if (hangUp) socket.end();
  // A frame that is not whole would swallow the fence.
  if (expect.some(({ close }) => !close)) write(fence);
  const how = await Promise.race([ended, fenced.promise]);
  if (how !== "open") return { answers, pongs, close: how.code };
  write(frame({ opcode: opcodes.close, payload: closeBody(1000) }));
  const { code } = await ended;
  if (code !== 1000) throw new Error(`It did not close as asked, but with ${code}`);
  return { answers, pongs };
}

/** Whether what came is what the case lets come. */
export function fits(trial: Trial, { answers = [], pongs = [], close }: Outcome): boolean {
  const due = pongs.map((payload) => Buffer.from(payload).toString("hex"));
  const got = trial.pongs.map((payload) => payload.toString("hex"));
  if (!close) return trial.close === undefined && same(trial.answers, answers) && merged(got, due);
  return close.includes(trial.close ?? 0) && startOf(trial.answers, answers) && startOf(got, due);
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && startOf(a, b);
const startOf = (a: readonly string[], b: readonly string[]): boolean =>
  a.length <= b.length && a.every((value, at) => value === b[at]);

/** All of them, or some in order with the last among them. */
function merged(got: readonly string[], due: readonly string[]): boolean {
  let at = 0;
  for (const value of due) if (got[at] === value) at++;
  return at === got.length && got.at(-1) === due.at(-1);
}
