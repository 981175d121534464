import { extname } from "node:path";

/** What Encore takes in, by the ends of names, with the media type that an upload announces. */
const taken: Readonly<Record<string, string>> = {
  ".mp3": "audio/mpeg",
  ".flac": "audio/flac",
  ".ogg": "audio/ogg",
  ".oga": "audio/ogg",
  ".opus": "audio/ogg",
  ".m4a": "audio/mp4",
  ".wav": "audio/wav",
  ".wave": "audio/wav",
};

const convert = "convert it to FLAC, M4A or MP3";
const render = "it holds notes and no sound: play it into a FLAC file";
const unlock = "it may be protected: get it in another kind from where it was bought";
const rename = "where it is a song, rename it to .m4a";
const waitForIt = "it is not whole yet: fetch all of it first";

type Kinds = Readonly<Record<string, string>>;

/** Music that Encore does not take in: what to do about it, and the kinds by the ends of their names. */
const refused: readonly (readonly [advice: string, Kinds])[] = [
  [
    convert,
    {
      ".aac .adts": "AAC without a container",
      ".aif .aiff .aifc .afc": "AIFF",
      ".ape .mac": "Monkey's Audio",
      ".wv": "WavPack",
      ".wma .asf": "Windows Media Audio",
      ".dsf .dff .dsdiff": "DSD",
      ".mpc .mpp .mp+": "Musepack",
      ".tta": "True Audio",
      ".tak": "TAK",
      ".ofr .ofs": "OptimFROG",
      ".shn": "Shorten",
      ".la": "Lossless Audio",
      ".mka": "Matroska audio",
      ".webm .weba": "WebM",
      ".ra .rm .rmj": "RealAudio",
      ".amr .awb .3ga .3gp .3g2": "mobile audio",
      ".au .snd": "Sun audio",
      ".caf": "Core Audio",
      ".spx": "Speex",
      ".ac3 .ec3 .eac3": "Dolby Digital",
      ".dts .dtshd .thd .mlp": "surround audio",
      ".mp1 .mp2 .mpa": "MPEG audio of layer 1 or 2",
      ".w64": "Wave64",
      ".voc": "Creative Voice",
      ".gsm": "GSM",
      ".vqf": "TwinVQ",
      ".oma .at3 .aa3": "ATRAC",
      ".iff .8svx": "8SVX",
    },
  ],
  [
    render,
    {
      ".mid .midi .kar .rmi": "MIDI",
      ".mod .xm .it .s3m .stm .mtm .669 .mptm": "tracker modules",
      ".sid .nsf .nsfe .spc .gbs .vgm .vgz .psf .minipsf .hes .kss": "music of game consoles",
    },
  ],
];

/** The same, whatever their first bytes say: those are like a song's. */
const refusedUnseen: typeof refused = [
  [unlock, { ".m4p": "protected M4A", ".aa .aax .aaxc": "Audible books" }],
  [rename, { ".m4b": "audio books", ".m4r": "ringtones" }],
  [waitForIt, { ".icloud": "what lies in iCloud", ".part .partial .crdownload .download .!ut": "downloads" }],
];

/** Music, but not for Encore: what it is, and why it is not taken. */
export type RefusedKind = { readonly reason: string };

const reasonsOf = (kinds: typeof refused): ReadonlyMap<string, RefusedKind> =>
  new Map(
    kinds.flatMap(([advice, names]) =>
      Object.entries(names).flatMap(([extensions, kind]) =>
        extensions.split(" ").map((extension) => [extension, refuse(kind, advice)] as const),
      ),
    ),
  );
const reasons = reasonsOf(refused);
const reasonsUnseen = reasonsOf(refusedUnseen);

/** For a kind that was found in the file itself. */
export function refuse(kind: string, advice: string = convert): RefusedKind {
  return { reason: `Encore does not take ${kind}; ${advice}` };
}

/** What lies beside music: pictures, texts, lists, videos, archives. Only a song that is called so is taken, nothing named. */
const ignored = new Set(
  (
    ".jpg .jpeg .jpe .jfif .png .gif .webp .bmp .tif .tiff .svg .heic .avif .psd .ico " +
    ".txt .nfo .md .pdf .rtf .doc .docx .html .htm .xml .json .csv .log .url .webloc .lnk .ini .db .lrc .srt .vtt " +
    ".m3u .m3u8 .pls .xspf .wpl .cue .ffp .md5 .sha1 .sha256 .sfv .accurip .torrent .itl .itdb .plist .asd " +
    ".mkv .avi .mov .m4v .wmv .mpg .mpeg .mts .m2ts .flv .ogv .vob .zip .rar .7z .gz .tar .exe .dll .ds_store"
  ).split(" "),
);

/** What the name of a file says of it; its first bytes decide what is `unknown`, and may know better than `reason`. */
export type NamedKind =
  | { readonly is: "taken"; readonly contentType: string }
  | ({ readonly is: "refused" } & RefusedKind)
  | ({ readonly is: "unknown" } & Partial<RefusedKind>)
  | { readonly is: "ignored" };

export function kindByName(name: string): NamedKind {
  const extension = extname(name).toLowerCase();
  const contentType = taken[extension];
  if (contentType !== undefined) return { is: "taken", contentType };
  const refusal = reasonsUnseen.get(extension);
  if (refusal) return { is: "refused", ...refusal };
  if (ignored.has(extension || name.toLowerCase())) return { is: "ignored" };
  return { is: "unknown", ...reasons.get(extension) };
}

/**
 * Folders of the system, of which none is somebody's music: what was thrown away, indexes, thumbnails, versions of before.
 * `lost+found` is not among them: a repair of the disk may have put music there.
 */
export const isSystemFolder = (name: string): boolean => systemFolders.test(name);
const systemFolders =
  /^(?:\.trash.*|\$recycle\.bin|recycler|#recycle|@eadir|#snapshot|\.snapshots?|\.zfs|\.git|\.svn|\.hg|\.cache|\.thumbnails|\.stversions|\.appledouble|\.spotlight-v100|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|system volume information)$/i;
