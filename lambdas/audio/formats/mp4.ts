import { EncodedPacketSink, type InputAudioTrack, MP4 } from "mediabunny";
import { contentTypes } from "../containers.ts";
import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { AudioLayout } from "../layout.ts";
import { makePreview } from "../preview.ts";
import { unplayable } from "../unplayable.ts";
import { parseMp3Frame } from "./mp3-frame.ts";
import { measure, openInput } from "./packets.ts";

const eac3 = "E-AC-3 (Dolby Digital Plus)";
const encrypted = "audio that is encrypted";

/** What Chromium and Firefox play in MP4, by mediabunny's name and by the sample entry (registered at mp4ra.org). */
const playedCodecs = new Set(["aac", "mp3", "opus", "flac"]);
const playedEntries = new Set(["mp4a", ".mp3", "Opus", "fLaC"]);
/** The others, by either name. */
const names: Readonly<Record<string, string>> = {
  "ac-3": "AC-3",
  ac3: "AC-3",
  "ec-3": eac3,
  eac3,
  "ac-4": "AC-4",
  mlpa: "Dolby TrueHD",
  dtsc: "DTS",
  dtsh: "DTS-HD",
  dtsl: "DTS-HD",
  dtse: "DTS Express",
  dts: "DTS",
  alac: "ALAC (Apple Lossless)",
  samr: "AMR",
  sawb: "AMR",
  vorbis: "Vorbis in MP4",
  mha1: "MPEG-H audio",
  mhm1: "MPEG-H audio",
  enca: encrypted,
  drms: encrypted,
};

/**
 * Reads an MP4 file, whose tables `checkStructure` has found to be true. @returns undefined where it is none
 * @throws Damage
 */
export async function readMp4(file: FileReader): Promise<AudioLayout | undefined> {
  const input = openInput(file, MP4);
  if (!(await input.canRead())) return undefined;
  const track = await input.getPrimaryAudioTrack();
  if (!track) throw new Damage("The file holds no audio");
  await requirePlayed(track);
  return {
    container: "MP4",
    durationSeconds: await measure(track),
    preview: async () => ({ bytes: await makePreview(track, "MP4"), contentType: contentTypes.MP4 }),
  };
}

async function requirePlayed(track: InputAudioTrack): Promise<void> {
  const codec = (await track.getCodec()) ?? "";
  const entry = String((await track.getInternalCodecId()) ?? "");
  const layer = codec === "mp3" ? await layerOf(track) : 3;
  if (layer !== 3) throw new Damage(unplayable(`MPEG audio layer ${"I".repeat(layer)}`));
  if (playedCodecs.has(codec) && playedEntries.has(entry)) return;
  throw new Damage(unplayable(names[entry] ?? names[codec] ?? `${entry.trim()} in MP4`));
}

/** All layers of MPEG audio have one name in MP4. */
async function layerOf(track: InputAudioTrack): Promise<number> {
  const packet = await new EncodedPacketSink(track).getFirstPacket();
  return (packet && parseMp3Frame(packet.data)?.layer) ?? 3;
}
