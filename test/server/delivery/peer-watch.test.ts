import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAckTracker } from "../../../server/delivery/ack-tracker.ts";
import { createPeerWatch, type PeerWatchOptions } from "../../../server/delivery/peer-watch.ts";
import { readTcpTable, type TcpState, tcpKeyOf } from "../../../server/delivery/tcp-table.ts";
import { until } from "../../support/until.ts";

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const addresses = "0100007F:1F90 0100007F:D3A2";
const row = (state: string, at = 0, of = addresses) =>
  `   ${at}: ${of} 01 ${state} 00000000  1000        0 1234 2 000000001c284da8 20 4 27 26 -1                    \n`;

/** What the table says of one connection. */
function read(text: string, of = addresses): TcpState | undefined {
  let found: TcpState | undefined;
  readTcpTable(
    text,
    (key) => key === of,
    (_, state) => {
      found = state;
    },
  );
  return found;
}

describe("The kernel's table of connections", () => {
  const columns = (queue: string, timer: string, retransmits: string, probes: number) =>
    `${head}   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1606\n` +
    ` 12345: ${addresses} 01 ${queue}:00000000 ${timer}:00000014 ${retransmits}  1000        ${probes} 1234 2 0 20 4 27 26 -1\n`;

  it.each([
    ["all is acknowledged", columns("00000000", "00", "00000000", 0), 0, false],
    ["some is on its way", columns("00012345", "01", "00000000", 0), 0x12345, false],
    ["some was sent again, without an answer", columns("00012345", "01", "00000003", 0), 0x12345, true],
    [
      "a window is closed, and the probes are answered",
      columns("00280000", "04", "00000000", 0),
      0x280000,
      false,
    ],
    ["a probe was lost", columns("00280000", "04", "00000000", 2), 0x280000, false],
    ["three probes are unanswered", columns("00280000", "04", "00000000", 3), 0x280000, true],
  ])("tells when %s", (_, text, unacknowledged, isUnanswered) => {
    expect(read(text)).toEqual({ unacknowledged, isUnanswered });
  });

  it("is read to its end also where it breaks off, and tells nothing of others", () => {
    expect(read(columns("00000001", "00", "00000000", 0), "other")).toBeUndefined();
    expect(read(head)).toBeUndefined();
    expect(read("")).toBeUndefined();
    expect(read(`${head}${row("00000005:00000000 00:00000000").trimEnd()}`)).toMatchObject({
      unacknowledged: 5,
    });
  });

  it.each([
    ["IPv4", "127.0.0.1", "tcp", "0100007F:1F90"],
    ["IPv6", "2001:db8::5", "tcp6", "B80D0120000000000000000005000000:1F90"],
    ["IPv4 in IPv6", "::ffff:10.9.0.1", "tcp6", "0000000000000000FFFF00000100090A:1F90"],
  ])("has a listener by %s", (_, address, table, written) => {
    const ends = { localAddress: address, localPort: 8080, remoteAddress: address, remotePort: 8080 };
    const socket = { ...ends, remoteFamily: table === "tcp6" ? "IPv6" : "IPv4" } as Socket;
    expect(tcpKeyOf(socket)).toEqual({ table, addresses: `${written} ${written}` });
  });
});

/** A connection over the loopback, from the side that sends. */
let sender: Socket;
let listener: Socket;
let server: ReturnType<typeof createServer>;
beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  listener = connect((server.address() as AddressInfo).port, "127.0.0.1");
  listener.on("error", () => {});
  [sender] = (await once(server, "connection")) as [Socket];
  sender.on("error", () => {});
  if (listener.connecting) await once(listener, "connect");
});
afterEach(() => {
  listener.destroy();
  sender.destroy();
  server.close();
});

/** A watch of a table that a test writes, by a clock that it turns with each look. */
function watchOf(tell: () => string, options: PeerWatchOptions = {}) {
  const time = { elapsed: 0, looks: 0 };
  const peers = createPeerWatch({
    pollMs: 1,
    ackTimeoutMs: 20_000,
    elapsedMs: () => time.elapsed,
    ...options,
    read: async () => {
      time.looks += 1;
      time.elapsed += 5_000;
      return head + tell();
    },
  });
  return { time, peers };
}
const stateOf = (queue: string, timer: string, retransmits: string) => {
  const key = tcpKeyOf(sender)?.addresses ?? "";
  return `   7: ${key} 01 ${queue}:00000000 ${timer}:00000014 ${retransmits}  1000        0 1234\n`;
};

describe("A peer", () => {
  it("that answers nothing for 20 s is let go, and not before", async () => {
    const { time, peers } = watchOf(() => stateOf("00012345", "01", "00000004"));
    peers.watch(sender);
    await until("it is let go", () => sender.destroyed);
    // The first look that finds it so, and those of the next 20 s.
    expect(time.looks).toBe(5);
  });

  it("that answers now and then stays", async () => {
    let looks = 0;
    const { peers } = watchOf(() => stateOf("00012345", "01", ++looks % 4 === 0 ? "00000000" : "00000002"));
    peers.watch(sender);
    await until("it was looked at often", () => looks > 20);
    expect(sender.destroyed).toBe(false);
  });

  it("that takes some stays, however much is sent again", async () => {
    let queue = 0x100000;
    const { time, peers } = watchOf(() => {
      queue -= 0x100;
      return stateOf(queue.toString(16).padStart(8, "0"), "01", "00000002");
    });
    peers.watch(sender);
    await until("it was looked at often", () => time.looks > 20);
    expect(sender.destroyed).toBe(false);
  });

  it("that takes nothing is let go after some minutes where the kernel tells nothing", async () => {
    let elapsed = 0;
    const peers = createPeerWatch({
      pollMs: 1,
      elapsedMs: () => elapsed,
      stallTimeoutMs: 600_000,
      read: async () => {
        elapsed += 60_000;
        throw new Error("There is no such file");
      },
    });
    listener.pause();
    peers.watch(sender);
    sender.write(Buffer.alloc(16 * 2 ** 20));
    await until("it is let go", () => sender.destroyed);
    expect(elapsed).toBeGreaterThanOrEqual(600_000);
  });

  it("is asked about no more when nobody sends to it", async () => {
    const { time, peers } = watchOf(() => "");
    peers.watch(sender)?.release();
    await until("a look that was due is over", () => time.looks <= 1);
    const quiet = watchOf(() => "");
    quiet.peers.watch(listener);
    await until("another is looked at", () => quiet.time.looks > 5);
    expect(time.looks).toBeLessThanOrEqual(1);
  });
});

describe.runIf(process.platform === "linux")("A peer over a real connection", () => {
  it("that has paused answers the kernel's probes, and stays", async () => {
    let closedSince = Number.POSITIVE_INFINITY;
    const ackTimeoutMs = 400;
    const peers = createPeerWatch({
      pollMs: 20,
      ackTimeoutMs,
      read: async (table) => {
        const text = await readFile(`/proc/self/net/${table}`, "latin1");
        const isClosed = new RegExp(`${tcpKeyOf(sender)?.addresses} 01 \\w+:\\w+ 04:`).test(text);
        if (isClosed) closedSince = Math.min(closedSince, performance.now());
        return text;
      },
    });
    listener.pause();
    peers.watch(sender);
    sender.write(Buffer.alloc(16 * 2 ** 20));
    const isLong = () => performance.now() - closedSince > 4 * ackTimeoutMs || sender.destroyed;
    await until("its window was closed for long", isLong);
    expect(sender.destroyed).toBe(false);
  });
});

describe.runIf(process.platform === "linux")("What was handed to the kernel", () => {
  const newGrant = () => {
    const end = new AbortController();
    let released = 0;
    return { end, signal: end.signal, release: () => released++, released: () => released };
  };

  it("is dropped when its stream is revoked before the peer has it", async () => {
    const given = newGrant();
    const acks = createAckTracker(createPeerWatch({ pollMs: 20 }));
    listener.pause();
    const bytes = 2 ** 20;
    sender.write(Buffer.alloc(bytes));
    await until("the kernel has it", () => sender.writableLength === 0);
    acks.releaseWhenAcked(sender, given, bytes);
    const closed = new Promise((resolve) => listener.on("close", resolve));
    given.end.abort();
    await until("it is over", () => given.released() === 1);
    expect(sender.destroyed).toBe(true);
    let received = 0;
    listener.on("data", ({ length }) => {
      received += length;
    });
    listener.resume();
    await closed;
    expect(received).toBeLessThan(bytes);
  });

  it("is watched over until the peer has it, and released once", async () => {
    const given = newGrant();
    const acks = createAckTracker(createPeerWatch({ pollMs: 20 }));
    listener.resume();
    sender.write(Buffer.alloc(2 ** 18));
    acks.releaseWhenAcked(sender, given, 2 ** 18);
    await until("it is delivered", () => given.released() === 1);
    acks.onRequest(sender);
    given.end.abort();
    expect([given.released(), sender.destroyed]).toEqual([1, false]);
  });

  it("is the peer's when it asks for more on its connection, which may be for somebody else", () => {
    const given = newGrant();
    const acks = createAckTracker(createPeerWatch());
    acks.releaseWhenAcked(sender, given, 2 ** 20);
    expect(given.released()).toBe(0);
    acks.onRequest(sender);
    given.end.abort();
    expect([given.released(), sender.destroyed]).toEqual([1, false]);
  });
});
