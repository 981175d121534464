import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxMessageBytes, ServerMessage } from "../../../core/contract/live.ts";
import { openDevice } from "../../support/live-device.ts";
import { type LiveWorld, startLiveWorld, type TestNode } from "../../support/live-world.ts";

/** What fuzzing found (test/chaos/fuzz), one test for each. */
let world: LiveWorld;
let node: TestNode;
beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode();
});
afterAll(() => world.close());

const contract = Compile(ServerMessage);

describe.each(["node", "gateway"])("At the endpoint of the %s", (endpoint) => {
  const open = async () =>
    openDevice(endpoint === "node" ? node.url : world.gatewayUrl, (await world.newUser()).token);

  it("the devices that are told are those of the contract", async () => {
    const device = await open();
    await device.hello();
    expect([...contract.Errors(await device.next("devices", () => true))]).toEqual([]);
  });

  it("the refusal of a message is no longer than a message may be, however long the names in it are", async () => {
    const device = await open();
    device.send(`{"type":"ping","${"k".repeat(16_000)}":1}`);
    const { problem } = await device.next("error", () => true);
    expect(problem).toMatchObject({ kind: "invalid-request", errors: [{}, {}] });
    expect(JSON.stringify({ type: "error", problem }).length).toBeLessThan(maxMessageBytes / 2);
  });

  it("a playback version that is no safe number is refused", async () => {
    const device = await open();
    await device.hello();
    for (const version of [Number.MAX_SAFE_INTEGER, 2 ** 53, 1e300])
      device.send({ type: "playback", version, songId: null, positionSeconds: 0, paused: true });
    device.send({ type: "ping" });
    await device.next("pong", () => true);
    expect(device.of("error").map(({ problem }) => problem.kind)).toEqual(Array(3).fill("invalid-request"));
  });

  it.each(["a\u0007", "gnp.\u202Egpj", "\u3164", "\u0085"])("a device is not named %j", async (name) => {
    const device = await open();
    device.send({ type: "hello", epoch: null, since: null, device: { id: "d-1", name } });
    const { problem } = await device.next("error", () => true);
    expect(problem).toMatchObject({
      kind: "invalid-request",
      errors: [{ path: "message/device/name", message: expect.stringMatching(/^must be visible text/) }],
    });
  });

  it("half of an emoji is no text", async () => {
    const device = await open();
    device.send('{"type":"hello","epoch":null,"since":null,"device":{"id":"d-1","name":"a\\ud83d"}}');
    const { problem } = await device.next("error", () => true);
    expect(problem.kind).toBe("invalid-request");
  });

  it("a position smaller than the table's smallest number is the beginning", async () => {
    const device = await open();
    await device.hello();
    device.send({ type: "playback", version: 0, songId: "song-1", positionSeconds: 1e-300, paused: true });
    const { state } = await device.next("playback", () => true);
    expect(state).toMatchObject({ version: 1, positionSeconds: 0 });
  });
});
