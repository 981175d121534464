import { connectTo, handshake, readHead } from "../../support/raw-websocket.ts";
import type { Dice } from "./dice.ts";
import { oddTexts } from "./oddities.ts";

const key = "AAAAAAAAAAAAAAAAAAAAAA==";

/** An upgrade that is none, or that is broken off. @returns the status, 0 where there was none */
export async function damagedHandshake(dice: Dice, url: string, token: string): Promise<number> {
  const good = { Authorization: `Bearer ${token}`, "Sec-WebSocket-Key": key };
  const socket = await connectTo(url);
  const head = readHead(socket);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  const text = dice.pick([
    () =>
      handshake(url, {
        ...good,
        "Sec-WebSocket-Key": dice.pick([undefined, "", "short", "x".repeat(5_000)]),
      }),
    () =>
      handshake(url, { ...good, "Sec-WebSocket-Version": dice.pick([undefined, "0", "99", "x", "13, 14"]) }),
    () => handshake(url, { ...good, "Sec-WebSocket-Protocol": dice.pick([",", "a,,b", "x y", "\u00ff"]) }),
    () =>
      handshake(url, {
        ...good,
        Authorization: dice.pick([undefined, "Bearer", `Bearer ${token}x`, "Bearer ."]),
      }),
    () => handshake(url, { ...good, Origin: dice.pick(["null", "http://evil.example", "\u00ff"]) }),
    () => handshake(`${url}?ticket=${encodeURIComponent(dice.pick(oddTexts).toWellFormed())}`, good),
    () => handshake(url, good).replace("GET", dice.pick(["POST", "HEAD", "get", "\u0000"])),
    () => handshake(url, good).slice(0, dice.below(200)),
    () => dice.bytes(dice.below(200)).toString("latin1"),
    () => handshake(url, good),
  ])();
  socket.write(text, "latin1");
  if (dice.chance(0.3)) socket.resetAndDestroy();
  else socket.end();
  const [{ status }] = await Promise.all([head, closed]);
  return status;
}
