import { randomBytes } from "node:crypto";

/** RFC 6455 §5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type FrameSpec = {
  readonly opcode?: number;
  readonly payload?: string | Buffer;
  readonly fin?: boolean;
  /** The reserved bits as a number of three bits; RSV1 is 4. */
  readonly rsv?: number;
  /** Whether the frame is masked, as every client's must be. */
  readonly masked?: boolean;
  readonly mask?: Buffer;
  /** In how many bits the length stands; the fewest that hold it, where this does not say otherwise. */
  readonly lengthBits?: 7 | 16 | 64;
  /** The length that the header claims, where it is another than the payload's. */
  readonly claims?: number | bigint;
};

/** One frame of a client, byte for byte; nothing stops it from breaking the rules. */
export function frame({
  opcode = opcodes.text,
  fin = true,
  rsv = 0,
  masked = true,
  ...spec
}: FrameSpec): Buffer {
  const payload = Buffer.from(spec.payload ?? "");
  const claims = BigInt(spec.claims ?? payload.length);
  const length = lengthOf(claims, spec.lengthBits ?? fewestBits(claims));
  const first = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]);
  if (masked) length[0] = (length[0] ?? 0) | 0x80;
  if (!masked) return Buffer.concat([first, length, payload]);
  const mask = spec.mask ?? randomBytes(4);
  return Buffer.concat([first, length, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

const fewestBits = (length: bigint): 7 | 16 | 64 => (length < 126n ? 7 : length < 65_536n ? 16 : 64);

function lengthOf(length: bigint, bits: 7 | 16 | 64): Buffer {
  if (bits === 7) return Buffer.from([Number(length)]);
  const bytes = Buffer.alloc(bits === 16 ? 3 : 9);
  bytes[0] = bits === 16 ? 126 : 127;
  if (bits === 16) bytes.writeUInt16BE(Number(length), 1);
  else bytes.writeBigUInt64BE(length, 1);
  return bytes;
}

/** A message in several frames, cut at the given offsets. */
export function fragments(
  payload: string | Buffer,
  cuts: readonly number[],
  opcode: number = opcodes.text,
): Buffer[] {
  const bytes = Buffer.from(payload);
  const edges = [0, ...cuts, bytes.length];
  return edges.slice(1).map((end, at) =>
    frame({
      opcode: at === 0 ? opcode : opcodes.continuation,
      payload: bytes.subarray(edges[at], end),
      fin: at === edges.length - 2,
    }),
  );
}

/** The body of a close frame (RFC 6455 §5.5.1). */
export function closeBody(code: number, reason: string | Buffer = ""): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

export type ReceivedFrame = { readonly opcode: number; readonly payload: Buffer };

/**
 * Takes a server's frames out of its bytes.
 * @throws Error where the server itself breaks the rules: masked, reserved bits, fragments, control frames too long
 */
export function createFrameReader(onFrame: (frame: ReceivedFrame) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let size = frameSize(rest); size !== undefined && size <= rest.length; size = frameSize(rest)) {
      onFrame(readFrame(rest.subarray(0, size)));
      rest = rest.subarray(size);
    }
  };
}

function frameSize(bytes: Buffer): number | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  const head = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < head) return undefined;
  if (head === 2) return head + short;
  return head + (head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)));
}

function readFrame(bytes: Buffer): ReceivedFrame {
  const [first = 0, second = 0] = bytes;
  const opcode = first & 0x0f;
  if ((first & 0xf0) !== 0x80) throw new Error(`The server sent reserved bits or a fragment: ${first}`);
  if ((second & 0x80) !== 0) throw new Error("The server sent a masked frame");
  if (opcode >= 8 && second > 125) throw new Error("The server sent a control frame that is too long");
  const short = second & 0x7f;
  return { opcode, payload: bytes.subarray(short === 127 ? 10 : short === 126 ? 4 : 2) };
}
