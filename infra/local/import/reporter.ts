import { MultiBar } from "cli-progress";
import type { Output } from "../output.ts";
import { printable } from "./file-names.ts";
import type { MusicFile } from "./find-files.ts";
import type { GivenCover } from "./give-cover.ts";
import type { ImportOutcome } from "./import-file.ts";
import type { ImportReporter, Summary } from "./import-files.ts";

export type Reporter = ImportReporter & { stop(): void };

/** A bar with rate and time left on a terminal, else a line a file. */
export const createReporter = (output: Output, files: readonly MusicFile[]): Reporter =>
  output.isTTY ? createBar(output, files) : createLines(output, files.length);

function createLines(output: Output, total: number): Reporter {
  let done = 0;
  let told: string | undefined;
  return {
    begin: () => {},
    bytes: () => {},
    processing({ name }) {
      if (told === name) return;
      told = name;
      output.write(`${name}: sent, being checked\n`);
    },
    end(file, outcome) {
      done += 1;
      output.write(`[${done}/${total}] ${describe(file, outcome)}\n`);
    },
    stop: () => {},
  };
}

const format = "{bar} {percentage}% | {done}/{files} files | {rate} | {eta_formatted} left | {name}";

function createBar(output: Output, files: readonly MusicFile[]): Reporter {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const bars = new MultiBar({ stream: output, format, hideCursor: true, barsize: 24, etaBuffer: 100 });
  const started = performance.now();
  let sent = 0;
  let done = 0;
  const rate = () => `${(sent / 2 ** 20 / ((performance.now() - started) / 1000)).toFixed(1)} MiB/s`;
  const bar = bars.create(total, 0, { done, files: files.length, rate: "", name: "" });
  return {
    begin: ({ name }) => bar.update({ name }),
    bytes(count) {
      sent += count;
      bar.increment(count, { rate: rate() });
    },
    processing: ({ name }) => bar.update({ name: `${name}, being checked` }),
    end(file, outcome) {
      done += 1;
      bar.update({ done });
      if (outcome.status === "failed" || outcome.cover?.problem) bars.log(`${describe(file, outcome)}\n`);
    },
    stop() {
      // What was logged since the last update would not be written.
      bars.update();
      bars.stop();
    },
  };
}

function describe({ name }: MusicFile, outcome: ImportOutcome): string {
  if (outcome.status === "failed") return `${name}: not taken. ${outcome.reason}`;
  const cover = outcome.cover ? describeCover(outcome.cover) : "";
  if (outcome.status === "exists") return `${name}: is there already${cover}`;
  const { title, artist } = outcome.song;
  return `${name}: ${printable(`${title}, ${artist}`)}${cover}`;
}

/** What an import came to, in one line. */
export function describeSummary({ added, existed, failed, left }: Summary): string {
  const files = added + existed + failed + left;
  const counts = [`${added} added`, `${existed} there already`, `${failed} not taken`];
  return `${files} files: ${[...counts, ...(left > 0 ? [`${left} not tried`] : [])].join(", ")}`;
}

const describeCover = ({ name, problem }: GivenCover): string =>
  problem === undefined ? ` (cover: ${name})` : ` (${name} is not its cover: ${problem})`;
