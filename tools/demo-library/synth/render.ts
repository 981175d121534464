import type { Note } from "../notation/phrase.ts";
import type { Part, Score } from "../score.ts";
import { type Stereo, silence, toFrames, toHertz } from "./audio.ts";
import { drums } from "./drums.ts";
import { master } from "./master.ts";
import { type Random, seeded } from "./random.ts";
import { reverberate } from "./reverb.ts";
import { lengthInBeats, toSeconds } from "./timing.ts";
import { type Voice, voices } from "./voices.ts";

/** Seconds before the first note, and after the last for it to ring out. */
const LEAD = 0.05;
const TAIL = 2.6;
/** A player is early or late by up to this many seconds, and louder or softer by this share. */
const LOOSENESS = 0.006;
const UNEVENNESS = 0.08;

const instruments: Record<string, Voice> = { ...voices, ...drums };

/** Plays a score: parts in their places, a room around them, mastered. The same score gives the same samples. */
export function render(score: Score): Stereo {
  const { dry, send } = mix(score);
  const wet = reverberate(send, { seconds: score.room ?? 1.7, damping: 0.32 });
  add(dry, wet);
  return master(dry);
}

/** Plays a score without room or mastering: what goes straight to the mix, and what goes to the room. */
function mix(score: Score): { dry: Stereo; send: Stereo } {
  const seconds = toSeconds(score)(lengthInBeats(score)) + LEAD + TAIL;
  const dry = silence(toFrames(seconds));
  const send = silence(toFrames(seconds));
  for (const [index, part] of score.parts.entries()) {
    for (const player of playersOf(part))
      playPart(score, player, seeded(index * 101 + player.pan * 7), dry, send);
  }
  return { dry, send };
}

type Player = Required<Omit<Part, "width" | "pedal">> & { pedal: number | undefined };

/** A wide part is two players, each at its side. */
function playersOf(part: Part): Player[] {
  const { gain = 1, pan = 0, width = 0, reverb = 0.25, pedal, ...rest } = part;
  const one = { ...rest, reverb, pedal };
  if (width === 0) return [{ ...one, gain, pan }];
  return [pan - width, pan + width].map((side) => ({ ...one, gain: gain * Math.SQRT1_2, pan: side }));
}

function playPart(score: Score, player: Player, random: Random, dry: Stereo, send: Stereo): void {
  const voice = instruments[player.voice] as Voice;
  const at = toSeconds(score);
  // The same note again is the same sound: a third of the work for most music.
  const played = new Map<string, Float32Array>();
  for (const note of player.phrase.notes) {
    const start = at(note.beat);
    const held = at(endOf(note, player.pedal)) - start;
    const velocity = stressed(note, score.meter);
    const key = `${note.midi} ${held.toFixed(3)} ${velocity.toFixed(2)}`;
    const sound = played.get(key) ?? voice({ hertz: toHertz(note.midi), held, velocity, random });
    played.set(key, sound);
    const level = player.gain * velocity * (1 + UNEVENNESS * (random() * 2 - 1));
    const frame = toFrames(LEAD + start + LOOSENESS * (random() * 2 - 1));
    place(sound, frame, level, player, dry, send);
  }
}

function endOf({ beat, beats }: Note, pedal: number | undefined): number {
  const end = beat + beats;
  return pedal === undefined ? end : Math.max(end, (Math.floor(beat / pedal + 1e-6) + 1) * pedal);
}

/** The first beat of a bar is stressed, what lies between the beats is lighter. */
function stressed({ beat, velocity }: Note, meter: number): number {
  const inBar = beat % meter;
  if (inBar < 1e-6) return Math.min(1, velocity * 1.08);
  return Math.abs(inBar - Math.round(inBar)) < 1e-6 ? velocity : velocity * 0.92;
}

/** Adds a sound at its place, with equal power whatever the place. */
function place(
  sound: Float32Array,
  frame: number,
  level: number,
  player: Player,
  dry: Stereo,
  send: Stereo,
): void {
  const angle = ((Math.max(-1, Math.min(1, player.pan)) + 1) * Math.PI) / 4;
  addScaled(dry.left, sound, frame, level * Math.cos(angle));
  addScaled(dry.right, sound, frame, level * Math.sin(angle));
  addScaled(send.left, sound, frame, level * player.reverb * Math.cos(angle));
  addScaled(send.right, sound, frame, level * player.reverb * Math.sin(angle));
}

function addScaled(out: Float32Array, sound: Float32Array, frame: number, gain: number): void {
  const length = Math.min(sound.length, out.length - frame);
  for (let i = 0; i < length; i++) out[frame + i] = (out[frame + i] as number) + gain * (sound[i] as number);
}

function add(to: Stereo, from: Stereo): void {
  addScaled(to.left, from.left, 0, 1);
  addScaled(to.right, from.right, 0, 1);
}
