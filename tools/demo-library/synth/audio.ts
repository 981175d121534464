/** Frames a second of everything that is synthesised. */
export const SAMPLE_RATE = 44_100;

/** Two channels of equal length, full scale at ±1. */
export type Stereo = { left: Float32Array<ArrayBuffer>; right: Float32Array<ArrayBuffer> };

/** Silence of a number of frames. */
export function silence(frames: number): Stereo {
  return { left: new Float32Array(frames), right: new Float32Array(frames) };
}

/** Seconds as a whole number of frames. */
export function toFrames(seconds: number): number {
  return Math.round(seconds * SAMPLE_RATE);
}

/** Frequency in hertz of a MIDI note number (A4 = 69 = 440 Hz). */
export function toHertz(midi: number): number {
  return 440 * 2 ** ((midi - 69) / 12);
}

/** Rises from 0 to 1 as x goes from 0 to 1, with level ends, so that gains change without a click. */
export function smooth(x: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, Math.max(0, x)));
}
