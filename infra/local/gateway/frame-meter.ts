/** Opcode and length, the length's extension, the mask (RFC 6455 §5.2). */
const baseBytes = 2;
const maskBytes = 4;

/** A close frame is the last one; whatever comes behind it is none (RFC 6455 §5.5.1). */
const isClose = ([first = 0]: readonly number[]): boolean => (first & 0x0f) === 0x8;

/**
 * Reads the frame headers of a client's bytes and calls `tooLarge` once for a frame with more payload than
 * allowed, as soon as its header says so. A WebSocket library bounds only whole messages.
 */
export function createFrameMeter(maxPayloadBytes: number, tooLarge: () => void): (chunk: Buffer) => void {
  let header: number[] = [];
  let payloadLeft = 0;
  let done = false;

  const readHeaderByte = (byte: number): void => {
    header.push(byte);
    const payload = payloadLength(header);
    if (payload === undefined) return;
    done = isClose(header);
    header = [];
    payloadLeft = payload;
    if (payload <= maxPayloadBytes) return;
    done = true;
    tooLarge();
  };

  return (chunk) => {
    for (let at = 0; at < chunk.length && !done; ) {
      const skipped = Math.min(payloadLeft, chunk.length - at);
      payloadLeft -= skipped;
      at += skipped;
      const byte = chunk[at];
      if (skipped > 0 || byte === undefined) continue;
      readHeaderByte(byte);
      at += 1;
    }
  };
}

/** The payload's length, once the header is complete. */
function payloadLength(header: readonly number[]): number | undefined {
  const [, second] = header;
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  const extensionBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const masked = (second & 0x80) !== 0;
  if (header.length < baseBytes + extensionBytes + (masked ? maskBytes : 0)) return undefined;
  const extension = header.slice(baseBytes, baseBytes + extensionBytes);
  return extensionBytes === 0 ? short : extension.reduce((sum, byte) => sum * 256 + byte, 0);
}
