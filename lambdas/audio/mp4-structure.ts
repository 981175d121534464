import { Damage } from "./damage.ts";
import { type Box, boxesIn, children, damaged, type FileBytes, named, textAt } from "./mp4-boxes.ts";
import { requireRuns, type TrackDefaults } from "./mp4-fragments.ts";
import { requireTables } from "./mp4-tables.ts";

/** A song has one sound track, and maybe pictures and chapters. */
const maxTracks = 64;
/** The index of an hour of AAC takes 1 MiB (bytes). */
const maxIndexBytes = 64 * 2 ** 20;

/**
 * Checks that an MP4 file has the bytes that its tables announce, before a parser believes them: entries lie inside of
 * their boxes, samples inside of the file, and no sample is without a byte. Reads the index alone.
 * @throws Damage
 */
export function checkMp4(file: FileBytes): void {
  const defaults = new Map<number, TrackDefaults>();
  let claimedBytes = 0;
  for (const box of topLevel(file)) {
    if (box.end - box.content > maxIndexBytes && (box.name === "moov" || box.name === "moof"))
      throw damaged("its index is larger than that of any song");
    if (box.name === "moov") checkMovie(file, box, defaults);
    if (box.name === "moof") claimedBytes += requireRuns(file, box, defaults);
    if (claimedBytes > file.sizeBytes) throw damaged("it announces more audio than it holds");
  }
}

/** The boxes that a file may end with: of others, bytes behind the audio may have the look. */
const topLevelNames = new Set(
  "ftyp styp moov moof mdat free skip wide uuid sidx ssix mfra meta udta emsg prft pdin".split(" "),
);

/** What follows the last box that makes sense is left alone, as players do. */
function* topLevel(file: FileBytes): Generator<Box> {
  for (const box of boxesIn(file, 0, file.sizeBytes)) {
    if (box.end <= file.sizeBytes) yield box;
    else if (topLevelNames.has(box.name))
      throw new Damage("The file is cut off: its last part is longer than what has come");
    else return;
  }
}

function checkMovie(file: FileBytes, movie: Box, defaults: Map<number, TrackDefaults>): void {
  let tracks = 0;
  for (const box of children(file, movie)) {
    if (box.name === "mvex") readDefaults(file, box, defaults);
    if (box.name !== "trak") continue;
    tracks += 1;
    if (tracks > maxTracks) throw damaged("it has more tracks than any song");
    for (const media of named(file, box, "mdia")) checkMedia(file, media);
  }
}

function checkMedia(file: FileBytes, media: Box): void {
  const [handler] = named(file, media, "hdlr");
  const isSound = handler !== undefined && handlerType(file, handler) === "soun";
  for (const information of named(file, media, "minf"))
    for (const table of named(file, information, "stbl"))
      requireTables(file, [...children(file, table)], isSound);
}

const handlerType = (file: FileBytes, { content, end }: Box): string =>
  end - content < 12 ? "" : textAt(file.view(content + 8, 4), 0);

/** What samples of a fragment have where it does not say (`trex`). */
function readDefaults(file: FileBytes, box: Box, defaults: Map<number, TrackDefaults>): void {
  for (const { content, end } of named(file, box, "trex")) {
    if (end - content < 24) throw damaged("one of its tables is too short");
    const view = file.view(content, 24);
    defaults.set(view.getUint32(4), { sampleBytes: view.getUint32(16) });
  }
}
