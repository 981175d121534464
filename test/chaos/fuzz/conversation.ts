import { Compile } from "typebox/compile";
import { maxMessageBytes, ServerMessage } from "../../../core/contract/live.ts";
import { type Ending, openRawWebSocket } from "../../support/raw-websocket.ts";
import { opcodes, type ReceivedFrame } from "../../support/websocket-frames.ts";
import { count, type Tally } from "./tally.ts";

const message = Compile(ServerMessage);
const timeoutMs = 20_000;

/** One connection: what came back on it, each message held to the contract. */
export type Conversation = Awaited<ReturnType<typeof converse>>;

export async function converse(url: string, token: string, tally: Tally) {
  const received = new Map<string, number>();
  const fault = (what: string) => void tally.faults.push(what);
  let check = (): void => {};

  const onText = (payload: Buffer): void => {
    const text = payload.toString();
    const value: unknown = parse(text);
    if (!message.Check(value)) {
      fault(`no message of the contract: ${text.slice(0, 300)}`);
      return;
    }
    if (payload.length > maxMessageBytes)
      fault(`an answer of ${payload.length} bytes: ${text.slice(0, 300)}`);
    const told = value as ServerMessage;
    if (told.type === "error" && told.problem.status >= 500) fault(`an answer of ${text.slice(0, 300)}`);
    count(received, told.type);
    count(tally.answers, told.type === "error" ? `error ${told.problem.kind}` : told.type);
  };
  const onFrame = ({ opcode, payload }: ReceivedFrame): void => {
    if (opcode === opcodes.text) onText(payload);
    else if (opcode === opcodes.pong) count(received, "pong frame");
    else if (opcode !== opcodes.close && opcode !== opcodes.ping) fault(`a frame of opcode ${opcode}`);
    check();
  };

  const { socket, write, ended } = await openRawWebSocket(url, { token, onFrame });
  tally.connections++;
  let ending: Ending | undefined;
  ended
    .then((how) => {
      ending = how;
      count(tally.endings, how.code);
    })
    .catch((error) => {
      ending = { code: 1006 };
      fault(error.message);
    })
    .finally(() => check());

  /** Waits until the condition holds; false where the connection ended or too much time went by before. */
  const until = (condition: () => boolean): Promise<boolean> =>
    new Promise((resolve) => {
      const finish = (held: boolean) => {
        clearTimeout(timer);
        check = () => {};
        resolve(held);
      };
      const timer = setTimeout(finish, timeoutMs, false);
      check = () => {
        if (condition()) finish(true);
        else if (ending) finish(false);
      };
      check();
    });

  return { socket, write, until, received, ending: () => ending };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
