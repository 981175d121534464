import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveWorld, startLiveWorld, type TestNode } from "../../support/live-world.ts";
import { openRawWebSocket } from "../../support/raw-websocket.ts";
import { frame, opcodes } from "../../support/websocket-frames.ts";

let world: LiveWorld;
let node: TestNode;
beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode();
});
afterAll(() => world.close());

/** How a connection ends that sends this, and the texts that it is told before. */
async function endOf(frames: readonly Buffer[]): Promise<{ code: number; texts: string[] }> {
  const { token } = await world.newUser();
  const texts: string[] = [];
  const { write, ended } = await openRawWebSocket(node.url, {
    token,
    onFrame: ({ opcode, payload }) => void (opcode === opcodes.text && texts.push(payload.toString())),
  });
  for (const bytes of frames) write(bytes);
  return { ...(await ended), texts };
}

/** What frames below the messages may cost the node. */
describe("A node bounds", () => {
  it.each(["ping", "pong"] as const)(
    "how many %s frames a client sends, as it does messages",
    async (name) => {
      const { code, texts } = await endOf([Buffer.concat(Array(41).fill(frame({ opcode: opcodes[name] })))]);
      expect(code).toBe(4029);
      expect(texts.map((text) => JSON.parse(text))).toMatchObject([{ type: "bye", reason: "flood" }]);
    },
  );

  it("in how many fragments a message comes", async () => {
    const first = frame({ payload: "{", fin: false });
    const next = frame({ opcode: opcodes.continuation, payload: " ", fin: false });
    expect((await endOf([Buffer.concat([first, ...Array(1_024).fill(next)])])).code).toBe(1008);
  });
});
