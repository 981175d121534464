import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Check } from "typebox/value";
import { Tier } from "../../../core/contract/catalogue.ts";
import { UsageError } from "../usage-error.ts";

/** What the command line and the environment say. */
export type ImportCommand = {
  /** A folder, or a single file where it replaces the audio of a song. */
  readonly path: string;
  readonly as: { readonly tier: Tier } | { readonly songId: string };
  readonly url: string;
  readonly email: string;
  readonly password: string;
};

export const usage = `Usage: npm run import -- FOLDER [--tier free|premium]

Brings the music of a folder, and of the folders in it, into a running Encore: MP3, FLAC, Ogg, Opus, M4A and WAV,
with tags and covers. What is there already is skipped, so an import that was interrupted is simply run again.

  --tier TIER   who hears the songs whole: "free" (everybody, the default) or "premium" (paying plans)
  --replace ID  FOLDER is one file, whose audio the song of this id gets instead of its own
  --help        this text

ENCORE_URL       where Encore is (http://127.0.0.1:8080)
ENCORE_EMAIL     a curator's account (curator@example.com)
ENCORE_PASSWORD  its password (that of the demo accounts)

Exit code: 0 all files are in; 1 some were not taken; 2 the import could not run; 130 interrupted.`;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns undefined where only help is asked for. @throws UsageError */
export async function readCommand(
  args: readonly string[],
  env: Environment,
): Promise<ImportCommand | undefined> {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new UsageError(`Name one folder.\n\n${usage}`);
  const { tier = "free", replace: songId } = values;
  if (!Check(Tier, tier)) throw new UsageError(`--tier is "free" or "premium", not "${tier}"`);
  if (songId !== undefined && values.tier !== undefined)
    throw new UsageError("A song keeps its tier when its audio is replaced: leave --tier out");
  const found = await stat(path).catch(() => undefined);
  if (songId !== undefined && !found?.isFile()) throw new UsageError(`There is no file ${path}`);
  if (songId === undefined && !found?.isDirectory()) throw new UsageError(`There is no folder ${path}`);
  return {
    path,
    as: songId === undefined ? { tier } : { songId },
    url: env.ENCORE_URL || "http://127.0.0.1:8080",
    email: env.ENCORE_EMAIL || "curator@example.com",
    password: env.ENCORE_PASSWORD || env.DEMO_PASSWORD || "encore-demo-password",
  };
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
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}
