import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "../usage-error.ts";

export const backupUsage = `Usage: npm run backup -- FOLDER

Makes a backup of the data folder (DATA_DIR, .data by default) as the new folder FOLDER, also while Encore runs. Accounts,
subscriptions, songs and secrets are in it, as they were at one moment: keep it where nobody else can read it.

Exit code: 0 the backup is made; 2 it is not, and nothing is left of it; 130 interrupted.`;

export const restoreUsage = `Usage: npm run restore -- FOLDER [--replace] [--end-sessions]

Makes the data folder (DATA_DIR, .data by default) what the backup FOLDER has. Encore must not run. Devices take the restored
state; people stay signed in where their session is in the backup.

  --replace       moves what is in the data folder aside; without it, the folder must be empty
  --end-sessions  everybody signs in again: sessions that were ended after the backup do not come back
  --help          this text

Exit code: 0 restored; 2 not, and nothing is changed; 130 interrupted.`;

/** @returns undefined where only help is asked for. @throws UsageError */
export function readArguments<O extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  usage: string,
  options: O,
) {
  const { values, positionals } = parse(args, usage, options);
  if ("help" in values && values.help) return undefined;
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new UsageError(`Name one folder.\n\n${usage}`);
  return { path, values };
}

function parse<O extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  usage: string,
  options: O,
) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, help: { type: "boolean", short: "h" } },
    } as const);
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}
