import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Song } from "../../core/contract/catalogue.ts";
import { type Case, linesOf, listed, same, seconds } from "./case.ts";
import { folderOf, type Stage } from "./stage.ts";

/** A case whose folder is imported whole, and then judged by what is told of its songs. */
function importCase(name: string, right: string, describe: (song: Song) => string, make = madeAlready): Case {
  const attempt = async (stage: Stage) => {
    const { code, songs } = await stage.importFolder(await make(stage, name));
    return same(`${listed(songs, describe)}${code === 0 ? "" : ` (exit ${code})`}`, right);
  };
  return { name, right, attempt };
}

const madeAlready = async (_stage: Stage, name: string): Promise<string> => folderOf(name);
/** Encoders put up to 0.15 s of silence around what they encode, which players play where no header tells of it. */
const about =
  (right: number) =>
  ({ durationSeconds }: Song): string =>
    seconds(Math.abs(durationSeconds - right) <= 0.15 ? right : durationSeconds);
const titleAndArtist = ({ title, artist }: Song) => `${title} by ${artist}`;

/** Beside those in the folder, the audio of one of them with zeros after it. */
async function withZeros({ folder }: Stage, name: string): Promise<string> {
  const [source, target] = [folderOf(name), join(folder, name)];
  await mkdir(target);
  for (const file of ["ape-cover.mp3", "id3-at-end.mp3"])
    await copyFile(join(source, file), join(target, file));
  const tagged = await readFile(join(source, "ape-cover.mp3"));
  const audio = tagged.subarray(0, tagged.indexOf("APETAGEX"));
  await writeFile(join(target, "zeros.mp3"), Buffer.concat([audio, Buffer.alloc(4_096)]));
  return target;
}

/** Files that are good, though their kind was once taken for damaged, cut or something else. */
export const audioFileCases: readonly Case[] = [
  importCase("01-bytes-after-audio", "3.0 s; 3.0 s; 3.0 s", about(3), withZeros),
  importCase("03-joined-mp3", "5.0 s", about(5)),
  importCase("04-flac-192khz", "0.4 s", about(0.4)),
  importCase("08-chained-ogg", "4.0 s", about(4)),
  importCase("09-slash-in-artist", "Slash by AC/DC", titleAndArtist),
  importCase("18-gap-after-tag", "Gap 100 by Case Artist; Gap 5000 by Case Artist", titleAndArtist),
  importCase("20-cover-types", "cover; cover; cover; cover", ({ coverUrl }) => (coverUrl ? "cover" : "none")),
  importCase("21-wav-utf8-info", "Jóga 1 by Björk; Jóga 8 by Björk", titleAndArtist),
  importCase(
    "22-id3-of-old-taggers",
    "Plain sizes by Case Artist; Unsynchronised by Case Artist",
    titleAndArtist,
  ),
  importCase("23-emoji-at-the-cut", "well formed, at most 200 characters", ({ title }) =>
    title.isWellFormed() && !title.includes("\ufffd") && [...title].length <= 200
      ? "well formed, at most 200 characters"
      : `${[...title].length} characters, ends with ${JSON.stringify(title.slice(-3))}`,
  ),
  {
    name: "24-no-browser-plays-it",
    right: "refused by codec: AC-3, MPEG layer II, ADPCM (not as damaged); exit 1",
    async attempt({ importFolder }) {
      const imported = await importFolder(folderOf("24-no-browser-plays-it"));
      const told = (name: string) => linesOf(imported, name).trim();
      const ok =
        imported.code === 1 &&
        /AC-?3/i.test(told("ac3.m4a").replace("ac3.m4a", "")) &&
        /layer (II|2)|MP2/i.test(told("layer2.mp3").replace("layer2.mp3", "")) &&
        /codec|ADPCM/i.test(told("adpcm.wav").replace("adpcm.wav", "")) &&
        !/damaged/i.test(told("adpcm.wav"));
      return { ok, came: `exit ${imported.code}: ${["ac3", "layer2", "adpcm"].map(told).join(" ")}` };
    },
  },
];
