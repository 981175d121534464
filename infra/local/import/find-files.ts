import type { Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { whyUnreadable } from "./file-errors.ts";
import { join, lastPart, readName, showName } from "./file-names.ts";
import { kindByBytes, type SniffedKind } from "./first-bytes.ts";
import { isSystemFolder, kindByName, type NamedKind } from "./kinds.ts";

/** Music that was found; or what may be music and cannot be taken, and why. */
export type MusicFile = {
  /** Absolute, and as the file system has it: not always UTF-8. */
  readonly path: Buffer;
  /** Relative to the folder that is imported, and printable. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly problem?: string;
};

/** A file or folder that was named; `real` is its one path without links, known where no link leads to it. */
type Place = { readonly path: Buffer; readonly name: Buffer; readonly real?: Buffer };

/**
 * The music at and below some paths, in the order of names. Links are followed, each file and folder is taken once, and
 * loops end. What is no music is passed over: pictures, texts, videos, folders of the system. Whatever may be music and
 * cannot be taken is there with its problem.
 * @throws the signal's reason when it is aborted
 */
export async function findMusic(paths: readonly string[], signal?: AbortSignal): Promise<MusicFile[]> {
  const found: { readonly name: Buffer; readonly file: MusicFile }[] = [];
  const seen = new Set<string>();
  // Places to look at; links come last, so that what has a name of its own is known by that.
  const places: Place[] = [];
  const links: Place[] = paths.map((path) => ({
    path: Buffer.from(resolve(path).replaceAll(sep, "/")),
    name: Buffer.from(paths[1] ? path : ""),
  }));
  for (let place = links.pop(); place; place = places.pop() ?? links.pop()) {
    signal?.throwIfAborted();
    const { inside = [], file } = await lookAt(place, seen);
    for (const one of inside) (one.real ? places : links).push(one);
    if (file) found.push({ name: place.name, file });
  }
  return found.sort((a, b) => Buffer.compare(a.name, b.name)).map(({ file }) => file);
}

type Seen = { readonly inside?: readonly Place[]; readonly file?: MusicFile | undefined };

async function lookAt(place: Place, seen: Set<string>): Promise<Seen> {
  try {
    const real = place.real ?? (await realpath(place.path, { encoding: "buffer" }));
    const key = real.toString("latin1");
    if (seen.has(key)) return {};
    seen.add(key);
    const stats = await stat(place.path);
    if (stats.isDirectory()) return { inside: await entriesOf({ ...place, real }) };
    return { file: await toMusicFile(place, stats) };
  } catch (error) {
    if (kindOf(place).is === "ignored") return {};
    const isLink = place.real === undefined && (error as NodeJS.ErrnoException).code === "ENOENT";
    return { file: withProblem(place, isLink ? "It is a link to what is not there" : whyUnreadable(error)) };
  }
}

/** What is to be looked at in a folder. */
async function entriesOf({ path, name, real }: Required<Place>): Promise<Place[]> {
  const entries = await readdir(path, { withFileTypes: true, encoding: "buffer" });
  return entries.flatMap((entry) => {
    if (entry.isDirectory() && isSystemFolder(readName(entry.name))) return [];
    const place = { path: join(path, entry.name), name: join(name, entry.name) };
    return entry.isSymbolicLink() ? place : { ...place, real: join(real, entry.name) };
  });
}

async function toMusicFile(place: Place, stats: Stats): Promise<MusicFile | undefined> {
  const named = kindOf(place);
  if (!stats.isFile())
    return named.is === "taken" ? withProblem(place, "It is a pipe, a socket or a device") : undefined;
  const kind = await judge(place, named);
  if (!kind) return undefined;
  return "reason" in kind ? withProblem(place, kind.reason) : toFile(place, stats.size, kind.contentType);
}

/** Undefined where it is no music. */
async function judge(place: Place, named: NamedKind): Promise<SniffedKind | undefined> {
  const isFork = isResourceFork(place);
  if (!isFork && (named.is === "taken" || named.is === "refused")) return named;
  const sniffed = await kindByBytes(place.path);
  if (sniffed && "contentType" in sniffed) return sniffed;
  if (isFork || named.is === "ignored") return undefined;
  return "reason" in named && named.reason !== undefined ? { reason: named.reason } : sniffed;
}

const kindOf = ({ path }: Place) => kindByName(readName(lastPart(path)));

/** `._song.mp3`, in which macOS keeps what other file systems have no place for, and seldom a song whose name begins so. */
const isResourceFork = ({ path }: Place): boolean => lastPart(path).toString("latin1").startsWith("._");

const toFile = ({ path, name }: Place, sizeBytes: number, contentType: string): MusicFile => ({
  path,
  name: showName(name.length > 0 ? name : lastPart(path)),
  sizeBytes,
  contentType,
});

const withProblem = (place: Place, problem: string): MusicFile => ({ ...toFile(place, 0, ""), problem });
