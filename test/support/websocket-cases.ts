import type { WebSocketCase } from "./websocket-cases/case.ts";
import { endings } from "./websocket-cases/closing.ts";
import { control } from "./websocket-cases/control.ts";
import { fragmentation } from "./websocket-cases/fragmentation.ts";
import { framing } from "./websocket-cases/framing.ts";
import { limits } from "./websocket-cases/limits.ts";
import { reservedBits, reservedOpcodes } from "./websocket-cases/reserved.ts";
import { utf8 } from "./websocket-cases/utf8.ts";

/**
 * What a WebSocket server must do with what a client sends, by RFC 6455; one list a group, numbered from 1. Encore
 * does not echo: it answers a `ping` message with `pong`, and what it does not know with `error`.
 */
export const websocketCases: Readonly<Record<string, readonly WebSocketCase[]>> = {
  "1 framing": framing,
  "2 pings and pongs": control,
  "3 reserved bits": reservedBits,
  "4 opcodes": reservedOpcodes,
  "5 fragmentation": fragmentation,
  "6 UTF-8": utf8,
  "7 closing": endings,
  "9 limits": limits,
};
