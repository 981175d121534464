import { type FlacFile, flacParts } from "./flac-bytes.ts";

type Page = {
  readonly serial: number;
  readonly flags?: number;
  readonly endSample?: number;
  readonly packet: Buffer;
};

/** A page of one packet (RFC 3533, 6). */
function oggPage({ serial, flags = 0, endSample = 0, packet }: Page): Buffer {
  const segments = [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
  const header = Buffer.alloc(27);
  header.write("OggS");
  header.writeUInt8(flags, 5);
  header.writeBigInt64LE(BigInt(endSample), 6);
  header.writeUInt8(segments.length, 26);
  return withSerial(Buffer.concat([header, Buffer.from(segments), packet]), serial);
}

/** The pages of a file, by their signatures, which silence and a tone have not inside. */
export function pagesOf(file: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = file.indexOf("OggS"); at >= 0; at = file.indexOf("OggS", at + 4)) starts.push(at);
  return starts.map((start, index) => file.subarray(start, starts[index + 1]));
}

/** Files that are chained have each a serial number of its own: without one, players take them for one. */
export function withSerial(file: Buffer, serial: number): Buffer {
  const pages = pagesOf(file).map((page) => {
    const copy = Buffer.from(page);
    copy.writeUInt32LE(serial, 14);
    copy.writeUInt32LE(0, 22);
    copy.writeUInt32LE(crc32(copy), 22);
    return copy;
  });
  return Buffer.concat(pages);
}

/** Polynomial 0x04c11db7, from 0, not reflected. */
function crc32(bytes: Buffer): number {
  return (
    bytes.reduce((start, byte) => {
      let crc = start ^ (byte << 24);
      for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
      return crc;
    }, 0) >>> 0
  );
}

/** FLAC in Ogg (RFC 9639, 10.1), each frame in a page; of a broadcast that began before. */
export function flacInOgg({
  serial = 1,
  from = 0,
  ...file
}: FlacFile & { serial?: number; from?: number }): Buffer {
  const { streamInfo, frames, blockSamples } = flacParts(file);
  const mapping = Buffer.from("\x7fFLAC\x01\0\0\x01fLaC\0\0\0\x22", "latin1");
  const comment = Buffer.concat([Buffer.of(0x84, 0, 0, 8), Buffer.alloc(8)]);
  return Buffer.concat([
    oggPage({ serial, flags: 2, packet: Buffer.concat([mapping, streamInfo]) }),
    oggPage({ serial, packet: comment }),
    ...frames.slice(from).map((packet, at) => {
      const isLast = from + at === frames.length - 1;
      return oggPage({ serial, flags: isLast ? 4 : 0, endSample: (from + at + 1) * blockSamples, packet });
    }),
  ]);
}
