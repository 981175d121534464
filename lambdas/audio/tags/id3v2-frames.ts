import { syncSafe } from "./tag-ranges.ts";

/** A frame of an ID3v2 tag as it stands there: `format` is the second byte of its flags. */
export type RawFrame = { readonly id: string; readonly format: number; readonly data: Buffer };

/** More than any program writes. */
const maxFrames = 4_096;

type Version = 2 | 3 | 4;
type ReadSize = (bytes: Buffer, at: number) => number | undefined;

const plain: ReadSize = (bytes, at) => bytes.readUInt32BE(at);
const short: ReadSize = (bytes, at) => bytes.readUIntBE(at, 3);

/**
 * The frames of a tag's body (ID3v2.2 to 2.4). Versions 3 and 4 write sizes in 8 and in 7 bits a byte, and programs have
 * taken one for the other: the reading that gives more frames is right.
 */
export function readFrames(body: Buffer, version: Version): RawFrame[] {
  if (version === 2) return walk(body, { sizeAt: short, idBytes: 3, headerBytes: 6 });
  const ways = (version === 4 ? [syncSafe, plain] : [plain, syncSafe]).map((sizeAt) =>
    walk(body, { sizeAt, idBytes: 4, headerBytes: 10 }),
  );
  return ways.reduce((best, other) => (other.length > best.length ? other : best));
}

type Form = { readonly sizeAt: ReadSize; readonly idBytes: number; readonly headerBytes: number };

/** Up to the padding, or to what is no frame. */
function walk(body: Buffer, { sizeAt, idBytes, headerBytes }: Form): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = 0; at + headerBytes <= body.length && frames.length < maxFrames; ) {
    const id = body.toString("latin1", at, at + idBytes);
    const size = sizeAt(body, at + idBytes);
    const end = at + headerBytes + (size ?? 0);
    if (!/^[A-Z][A-Z0-9]+$/.test(id) || size === undefined || end > body.length) break;
    frames.push({
      id,
      format: idBytes === 4 ? body.readUInt8(at + 9) : 0,
      data: body.subarray(at + headerBytes, end),
    });
    at = end;
  }
  return frames;
}
