import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { parseMp3Frame } from "../../../lambdas/audio/formats/mp3-frame.ts";
import { type RefusedKind, refuse } from "./kinds.ts";
import { isAudioMp4 } from "./mp4-tracks.ts";
import { readAt } from "./read-at.ts";

/** What the first bytes of a file say that it is. */
export type SniffedKind = { readonly contentType: string } | RefusedKind;

/** Whatever lies there by now: to open a pipe that nobody writes to must not wait. Windows has no such flag. */
export const openToRead = (path: string | Buffer): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));

/**
 * What a file is by its first bytes, or by those behind its ID3 tag; undefined where they are of no music that is known
 * here. @throws what the file system says
 */
export async function kindByBytes(path: Buffer): Promise<SniffedKind | undefined> {
  const handle = await openToRead(path);
  try {
    const head = await readAt(handle, 0, headBytes);
    if (has(head, 4, "ftyp")) return (await isAudioMp4(handle)) ? { contentType: "audio/mp4" } : undefined;
    if (!hasTag(head)) return sniffMusic(head);
    return sniffMusic(await readAt(handle, tagBytes(head), headBytes)) ?? { contentType: "audio/mpeg" };
  } finally {
    await handle.close();
  }
}

/** Enough for the headers of three frames, and for the name of every other kind. */
const headBytes = 4096;

const has = (head: Buffer, at: number, text: string): boolean =>
  head.toString("latin1", at, at + text.length) === text;

/** Whether an ID3v2 tag begins here, of version 2, 3 or 4: a text about ID3 may begin with the name alone. */
const hasTag = (head: Buffer): boolean =>
  head.length >= 10 &&
  has(head, 0, "ID3") &&
  [2, 3, 4].includes(head[3] ?? 0) &&
  head.readUInt32BE(6) < 2 ** 31;

/** The length of an ID3v2 tag with its header: seven bits a byte (ID3v2.4 §6.2). */
const tagBytes = (head: Buffer): number =>
  10 + head.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);

type Signature = readonly [offset: number, text: string];

/** Each with all that must be there, a character a byte. */
const signatures: readonly (readonly [SniffedKind, ...Signature[]])[] = [
  [{ contentType: "audio/flac" }, [0, "fLaC"]],
  [{ contentType: "audio/ogg" }, [0, "OggS"], [28, "\x01vorbis"]],
  [{ contentType: "audio/ogg" }, [0, "OggS"], [28, "OpusHead"]],
  [{ contentType: "audio/ogg" }, [0, "OggS"], [28, "\x7fFLAC"]],
  [refuse("Speex"), [0, "OggS"], [28, "Speex"]],
  [{ contentType: "audio/wav" }, [0, "RIFF"], [8, "WAVE"]],
  [{ contentType: "audio/wav" }, [0, "RF64"], [8, "WAVE"]],
  [{ contentType: "audio/wav" }, [0, "BW64"], [8, "WAVE"]],
  [{ contentType: "audio/wav" }, [0, "RIFX"], [8, "WAVE"]],
  [refuse("AIFF"), [0, "FORM"], [8, "AIF"]],
  [refuse("8SVX"), [0, "FORM"], [8, "8SVX"]],
  [refuse("Windows Media"), [0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"]],
  [refuse("Monkey's Audio"), [0, "MAC "]],
  [refuse("WavPack"), [0, "wvpk"]],
  [refuse("DSD"), [0, "DSD "]],
  [refuse("DSD"), [0, "FRM8"]],
  [refuse("Musepack"), [0, "MPCK"]],
  [refuse("Musepack"), [0, "MP+"]],
  [refuse("True Audio"), [0, "TTA1"]],
  [refuse("TAK"), [0, "tBaK"]],
  [refuse("OptimFROG"), [0, "OFR "]],
  [refuse("Shorten"), [0, "ajkg"]],
  [refuse("RealAudio"), [0, ".ra\xfd"]],
  [refuse("RealMedia"), [0, ".RMF"]],
  [refuse("mobile audio"), [0, "#!AMR"]],
  [refuse("Sun audio"), [0, ".snd\0\0"]],
  [refuse("Core Audio"), [0, "caff"]],
  [refuse("MIDI"), [0, "MThd"]],
  [refuse("tracker modules"), [0, "Extended Module: "]],
  [refuse("tracker modules"), [0, "IMPM"]],
];

function sniffMusic(head: Buffer): SniffedKind | undefined {
  const found = signatures.find(([, ...all]) => all.every(([at, text]) => has(head, at, text)));
  if (found) return found[0];
  if (holdsFrames(head, mp3FrameBytes)) return { contentType: "audio/mpeg" };
  return holdsFrames(head, adtsFrameBytes) ? refuse("AAC without a container") : undefined;
}

/** Three frames one after the other: a sync word alone is found in anything, a text in UTF-16 begins with one. */
function holdsFrames(head: Buffer, frameBytes: (head: Buffer, at: number) => number): boolean {
  let at = 0;
  for (let frames = 0; frames < 3; frames += 1) {
    const length = at + 8 <= head.length ? frameBytes(head, at) : 0;
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/** The length of the frame of MPEG audio, layer III, whose header is here (bytes); 0 where there is none. */
function mp3FrameBytes(head: Buffer, at: number): number {
  const frame = parseMp3Frame(head.subarray(at));
  return frame?.layer === 3 ? frame.sizeBytes : 0;
}

/** The same of AAC in ADTS (ISO 13818-7 §6.2): its length has 13 bits from bit 30 on. */
function adtsFrameBytes(head: Buffer, at: number): number {
  if ((head.readUInt16BE(at) & 0xfff6) !== 0xfff0) return 0;
  const length = (head.readUInt32BE(at + 3) >>> 13) & 0x1fff;
  return length > 7 ? length : 0;
}
