import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveWorld, startLiveWorld, type TestNode } from "../../support/live-world.ts";
import { acceptOf, connectTo, handshake, readHead } from "../../support/raw-websocket.ts";
import { pinged } from "../../support/websocket-cases/case.ts";
import { handshakeCases } from "../../support/websocket-cases/handshakes.ts";
import { createFrameReader } from "../../support/websocket-frames.ts";

let world: LiveWorld;
let node: TestNode;
let token: string;
beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode();
  ({ token } = await world.newUser());
});
afterAll(() => world.close());

const key = "dGhlIHNhbXBsZSBub25jZQ==";

describe.each(["node", "gateway"] as const)("A handshake at the endpoint of the %s", (endpoint) => {
  const requestWith = (headers: Readonly<Record<string, string | undefined>> = {}): string =>
    handshake(urlOf(), { Authorization: `Bearer ${token}`, "Sec-WebSocket-Key": key, ...headers });
  const urlOf = () => (endpoint === "node" ? node.url : world.gatewayUrl);

  it.each(handshakeCases.map((one) => ({ change: (request: string) => request, answer: {}, ...one })))(
    "with $title (§$section)",
    async ({ headers, change, statuses, answer }) => {
      const socket = await connectTo(urlOf());
      const head = readHead(socket);
      socket.write(change(requestWith(headers)));
      const { status, headers: answered } = await head;
      socket.destroy();
      expect(statuses).toContain(status);
      if (status === 101) expect(answered["sec-websocket-accept"]).toBe(acceptOf(key));
      for (const [name, value] of Object.entries(answer))
        if (value) expect(answered[name]).toMatch(value);
        else expect(answered[name]).toBeUndefined();
    },
  );

  it("with the first frame in the same packet (§4.1)", async () => {
    const socket = await connectTo(urlOf());
    const head = readHead(socket);
    socket.write(Buffer.concat([Buffer.from(requestWith()), pinged]));
    const { status, rest } = await head;
    expect(status).toBe(101);
    const texts: string[] = [];
    const read = createFrameReader(({ payload }) => void texts.push(payload.toString()));
    read(rest);
    while (texts.length === 0) read((await once(socket, "data"))[0]);
    expect(JSON.parse(texts[0] ?? "").type).toBe("pong");
    socket.destroy();
  });
});
