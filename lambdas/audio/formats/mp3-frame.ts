/** The header of one frame of MPEG audio (ISO/IEC 11172-3, 2.4.1.3, and 13818-3 for the lower sample rates). */
export type Mp3Frame = {
  /** 1, 2 or 3; MP3 is layer 3. */
  readonly layer: number;
  /** Of MPEG: 1, 2, or 2.5. */
  readonly version: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
  readonly sizeBytes: number;
};

export const headerBytes = 4;

const rates: Readonly<Record<number, number>> = { 0: 44_100, 1: 48_000, 2: 32_000 };
/** By version (1, or 2 and 2.5) and layer, in kbit/s; 0 is "free", which browsers do not play. */
const bitRates: Readonly<Record<string, readonly number[]>> = {
  "1/1": [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  "1/2": [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  "1/3": [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2/1": [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  "2/2": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  "2/3": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** @returns undefined where there is no frame */
export function parseMp3Frame(bytes: Uint8Array): Mp3Frame | undefined {
  const [sync = 0, kind = 0, rate = 0, mode = 0] = bytes;
  if (sync !== 0xff || kind < 0xe0) return undefined;
  const version = [2.5, undefined, 2, 1][(kind >> 3) & 3];
  const layer = 4 - ((kind >> 1) & 3);
  const fullRate = rates[(rate >> 2) & 3];
  if (version === undefined || layer === 4 || fullRate === undefined) return undefined;
  const kilobits = bitRates[`${Math.floor(version)}/${layer}`]?.[rate >> 4];
  if (!kilobits) return undefined;
  const sampleRate = fullRate / { 1: 1, 2: 2, 2.5: 4 }[version as 1 | 2 | 2.5];
  const samples = layer === 1 ? 384 : layer === 3 && version > 1 ? 576 : 1152;
  return {
    layer,
    version,
    sampleRate,
    samples,
    channels: mode >> 6 === 3 ? 1 : 2,
    sizeBytes: sizeOf(layer, (samples * kilobits * 125) / sampleRate, (rate >> 1) & 1),
  };
}

/** Whether a frame of layer 3 begins here whose bit rate is none of the table's. */
export const isFreeFormat = ([sync = 0, kind = 0, rate = 0xff, mode = 0]: Uint8Array): boolean =>
  rate < 0x10 && parseMp3Frame(Uint8Array.of(sync, kind, rate | 0x10, mode))?.layer === 3;

/** A slot has four bytes in layer 1, else one. */
const sizeOf = (layer: number, bytes: number, padding: number): number =>
  layer === 1 ? (Math.floor(bytes / 4) + padding) * 4 : Math.floor(bytes) + padding;

export const isAlike = (one: Mp3Frame, other: Mp3Frame): boolean =>
  one.layer === other.layer && one.version === other.version && one.sampleRate === other.sampleRate;
