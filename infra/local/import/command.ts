import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Check } from "typebox/value";
import { Tier } from "../../../core/contract/catalogue.ts";
import { UsageError } from "../usage-error.ts";
import { whyUnreadable } from "./file-errors.ts";
import { printable } from "./file-names.ts";

/** What the command line and the environment say. */
export type ImportCommand = {
  /** Folders and files; a single file where it replaces the audio of a song. */
  readonly paths: readonly string[];
  readonly as: { readonly tier: Tier } | { readonly songId: string };
  readonly url: string;
  readonly email: string;
  readonly password: string;
};

export const importUsage = `Usage: npm run import -- FOLDER... [--tier free|premium]

Brings the music of folders, and of the folders in them, into a running Encore: MP3, FLAC, Ogg, Opus, M4A and WAV, with
tags and covers; where a song has none, cover, folder, front, album or AlbumArt (.jpg, .jpeg, .png, .webp, .gif) beside
the file is its cover. Files can be named as well. What is there already is skipped, so an import that was interrupted is
simply run again. Links are followed. Music of other kinds, and whatever cannot be read, is named as not taken.
Pictures, texts, videos, and folders of the system (.Trash, @eaDir and the like) are passed over.

  --tier TIER   who hears the songs whole: "free" (everybody, the default) or "premium" (paying plans)
  --replace ID  FOLDER is one file, whose audio the song of this id gets instead of its own
  --help        this text

ENCORE_URL       where Encore is (http://127.0.0.1:8080)
ENCORE_EMAIL     a curator's account (curator@example.com)
ENCORE_PASSWORD  its password (that of the demo accounts)

Exit code: 0 all music is in; 1 some was not taken, each named with the reason; 2 the import could not run, or not to
its end; 130 interrupted. Afterwards the same command goes on where it was.`;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns undefined where only help is asked for. @throws UsageError */
export async function readImportCommand(
  args: readonly string[],
  env: Environment,
): Promise<ImportCommand | undefined> {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (positionals.length === 0) throw new UsageError(`Name a folder.\n\n${importUsage}`);
  const { tier = "free", replace: songId } = values;
  if (!Check(Tier, tier)) throw new UsageError(`--tier is "free" or "premium", not "${printable(tier)}"`);
  if (songId !== undefined) await checkReplacement(positionals, values.tier);
  await Promise.all(positionals.map(requirePath));
  return {
    paths: positionals,
    as: songId === undefined ? { tier } : { songId },
    url: env.ENCORE_URL || "http://127.0.0.1:8080",
    email: env.ENCORE_EMAIL || "curator@example.com",
    password: env.ENCORE_PASSWORD || env.DEMO_PASSWORD || "encore-demo-password",
  };
}

async function checkReplacement([path = "", ...more]: readonly string[], tier?: string): Promise<void> {
  if (tier !== undefined)
    throw new UsageError("A song keeps its tier when its audio is replaced: leave --tier out");
  const found = await stat(path).catch(() => undefined);
  if (more.length > 0 || found?.isDirectory()) throw new UsageError("With --replace, name one file");
}

async function requirePath(path: string): Promise<void> {
  const error = await stat(path).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  if (error?.code === "ENOENT" || error?.code === "ENOTDIR")
    throw new UsageError(`There is no file or folder ${printable(path)}`);
  if (error) throw new UsageError(`${printable(path)}: ${whyUnreadable(error)}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        tier: { type: "string" },
        replace: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${importUsage}`);
  }
}
