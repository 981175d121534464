import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ulid } from "ulid";
import type { SongRecord } from "../../../core/domain/catalogue/ports.ts";
import type { HeadRow } from "../../../core/domain/subscriptions/head.ts";
import type { Row } from "../backup/tables-stream.ts";
import type { DataDir } from "../data-dir.ts";
import { openTables } from "../dynamodb/open-tables.ts";
import { repairTables } from "../dynamodb/repair-tables.ts";
import { describeProblem, verifyTables } from "../dynamodb/verify-tables.ts";
import { keepObjects } from "../kept-objects.ts";
import { pointerName, readPointer } from "../s3/pointers.ts";
import { repairObjects } from "../s3/repair.ts";
import { type ObjectsReport, verifyObjects } from "../s3/verify.ts";
import { type Edit, editRows } from "./edit-rows.ts";
import type { Finding } from "./finding.ts";
import { type Library, readLibrary, type StoredRow } from "./library.ts";
import { findListFault, type ListFault } from "./lists.ts";
import { describeSongFault, findSongFaults, objectsOf, type SongFault, withoutLost } from "./songs.ts";

export type CheckOptions = {
  /** The data folder, which this process has taken. */
  readonly dataDir: DataDir;
  readonly tablePrefix: string;
  readonly bucket: string;
  readonly repair: boolean;
  readonly onStep: (step: string) => void;
  readonly onObject: () => void;
  readonly signal: AbortSignal;
};

export type CheckReport = {
  readonly findings: readonly Finding[];
  /** What was looked at: songs, lists and objects. */
  readonly songs: number;
  readonly lists: number;
  readonly objects: number;
};

/**
 * Verifies a data folder: each part by itself, and against the others. With `repair`, mends what can be mended.
 * @throws Error of the file system, TablesError
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  const { dataDir, onStep } = options;
  onStep("Reading the tables");
  const secrets = await checkSecrets(dataDir);
  const tables = await checkTables(options);
  const read = tables.usable ? await checkLibrary(options, tables.hasLosses) : undefined;
  const objects = await checkObjects(options, read?.library);
  return {
    findings: [...secrets, ...tables.findings, ...(read?.findings ?? []), ...objects.findings],
    songs: read?.library.songs.length ?? 0,
    lists: read?.library.lists ?? 0,
    objects: objects.whole,
  };
}

async function checkSecrets({ file }: DataDir): Promise<Finding[]> {
  const path = file("secrets.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (text === undefined) return [];
  try {
    const secrets = JSON.parse(text) as Record<string, unknown> | null;
    if (secrets?.TOKEN_PRIVATE_KEY && secrets.MANAGEMENT_SECRET) return [];
  } catch {
    // Told of below.
  }
  return [
    {
      what: `${path} cannot be read`,
      advice:
        "put it back from a backup, or remove it: then the next start makes another, and everybody signs in again",
    },
  ];
}

type TablesChecked = {
  readonly findings: readonly Finding[];
  /** Whether the rows can be read. */
  readonly usable: boolean;
  /** Rows may be missing, or be older than they were. */
  readonly hasLosses: boolean;
};

async function checkTables({ dataDir, repair }: CheckOptions): Promise<TablesChecked> {
  const { problems, problemCount } = await verifyTables(dataDir.dynamodb);
  if (problemCount === 0) return { findings: [], usable: true, hasLosses: false };
  const found = problems.map((problem) => `${dataDir.dynamodb}: ${describeProblem(problem)}`);
  const more = problemCount - problems.length;
  const findings = [...found, ...(more > 0 ? [`${dataDir.dynamodb}: ${more} more`] : [])];
  if (!repair)
    return {
      findings: findings.map((what) => ({
        what,
        advice: "run npm run check -- --repair, or restore a backup",
      })),
      usable: false,
      hasLosses: false,
    };
  const { rows, hasLosses, original, lostValues } = await repairTables(dataDir.dynamodb);
  // A row that is lost must not take the song's bytes with it.
  if (hasLosses) await keepObjects(dataDir);
  const lost = hasLosses
    ? `some rows may be lost or older (${lostValues.length} values)`
    : "nothing was lost";
  const mended = `the tables were made anew with ${rows} rows, ${lost}; the old ones are in ${original}`;
  return { findings: findings.map((what) => ({ what, mended })), usable: true, hasLosses };
}

async function checkLibrary(
  { dataDir, tablePrefix, repair }: CheckOptions,
  hasLosses: boolean,
): Promise<{ readonly library: Library; readonly findings: readonly Finding[] }> {
  const faults: ListFault[] = [];
  const heads: StoredRow<HeadRow>[] = [];
  const tables = await openTables(dataDir.dynamodb);
  try {
    const library = await readLibrary(tables.entries({}) as AsyncIterable<Row>, tablePrefix, (list) => {
      const fault = findListFault(list);
      if (fault) faults.push(fault);
      if (hasLosses && list.head && !list.head.item.closed) heads.push(list.head);
    });
    if (repair) {
      // A list may have gone back with the rows that were lost.
      await editRows(
        tables,
        heads.map(({ key }) => ({ key, set: { epoch: ulid() } })),
      );
      await editRows(
        tables,
        faults.map(({ headKey, set }) => ({ key: headKey, set })),
      );
    }
    const mended = repair ? "its head was mended" : undefined;
    const advice = "run npm run check -- --repair";
    return { library, findings: faults.map(({ finding }) => ({ ...finding, mended, advice })) };
  } finally {
    await tables.close();
  }
}

async function checkObjects(
  options: CheckOptions,
  library: Library | undefined,
): Promise<{ readonly findings: readonly Finding[]; readonly whole: number }> {
  const { dataDir, bucket, repair, onStep, onObject, signal } = options;
  onStep("Reading the objects");
  const bucketFolder = join(dataDir.s3, "buckets", bucket);
  const songs = (library?.songs ?? []).map(({ item }) => item);
  // Without the songs it is not known which bytes are whose.
  const report: ObjectsReport =
    repair && library
      ? await repairObjects(dataDir.s3, { expected: expectedOf(songs, bucket), onObject, signal })
      : await verifyObjects(dataDir.s3, { onObject, signal });
  const damaged = report.faults.filter(({ mended, kind }) => kind.startsWith("bytes") || !mended);
  const songFaults = await findSongFaults(songs, damaged, bucketFolder);
  if (repair && library) await makeReplaceable(dataDir, library, songFaults);
  const ofSongs = new Set([...objectsOf(songs)].map(({ file }) => file.key));
  const others = report.faults.filter(({ object }) => !object || !ofSongs.has(object.key));
  return {
    whole: report.whole,
    findings: [
      ...songFaults.map((fault) => describeSongFault(fault, repair)),
      ...others.map(({ path, detail, mended, object }) => ({
        what: `${path}: ${detail}`,
        mended,
        advice: object?.key.startsWith("search/")
          ? "the search index is made anew by the next search"
          : "run npm run check -- --repair",
      })),
      ...(await searchFinding(library, bucketFolder)),
    ],
  };
}

/** Derived, so nothing is to be mended. */
async function searchFinding(library: Library | undefined, bucketFolder: string): Promise<Finding[]> {
  const key = library?.searchKey;
  if (key === undefined) return [];
  const pointer = await readPointer(join(bucketFolder, pointerName(key))).catch(() => "damaged");
  if (pointer !== undefined) return [];
  return [{ what: `The search index ${key} is not there`, advice: "the next search makes it anew" }];
}

const expectedOf = (songs: readonly SongRecord[], bucket: string) =>
  [...objectsOf(songs)].map(({ file }) => ({ ...file, bucket }));

/** Bytes that are lost can only be given again by who has the files; the songs' rows are made to take them. */
async function makeReplaceable(
  dataDir: DataDir,
  { songs }: Library,
  faults: readonly SongFault[],
): Promise<void> {
  const lost = Map.groupBy(faults, ({ song }) => song.songId);
  const edits: Edit[] = songs.flatMap(({ key, item }) => {
    const parts = lost.get(item.songId)?.map(({ part }) => part);
    return parts ? [{ key, set: withoutLost(item, new Set(parts)) }] : [];
  });
  if (edits.length === 0) return;
  const tables = await openTables(dataDir.dynamodb);
  try {
    await editRows(tables, edits);
  } finally {
    await tables.close();
  }
}
