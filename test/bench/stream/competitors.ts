import type { ServerProcess } from "../support/server-process.ts";
import { startBare } from "./bare.ts";
import { startEncore } from "./encore.ts";
import { startNginx, type Variant, variants } from "./nginx.ts";
import type { Song } from "./seed.ts";
import type { Stage } from "./stage.ts";

export type Competitor = {
  readonly name: string;
  readonly server: ServerProcess;
  /** What a request shows; signed anew each time, and good for ten minutes. */
  headers(): Readonly<Record<string, string>>;
};

/** One process alone, and as many as there are processors here. */
const workerCounts = [1, 2];
const named = (name: string, workers: number): string =>
  workers === 1 ? name : `${name}, ${workers} workers`;

export const isEncore = (name: string): boolean => name.startsWith("Encore");
export const isNginx = (name: string): boolean => name.startsWith("nginx");

export const encores = (stage: Stage): Promise<Competitor[]> =>
  Promise.all(
    workerCounts.map(async (workers) => {
      const [session] = await stage.signIn(1);
      const server = await startEncore(stage, workers);
      return { name: named("Encore", workers), server, headers: () => ({ ...session?.headers() }) };
    }),
  );

export const bares = (stage: Stage, song: Song): Promise<Competitor[]> =>
  Promise.all(
    workerCounts.map(async (workers) => ({
      name: named("bare Node.js", workers),
      server: await startBare(stage, song, workers),
      headers: () => ({}),
    })),
  );

export const nginxes = (
  stage: Stage,
  songs: readonly Song[],
  which: readonly Variant[] = variants,
): Promise<Competitor[]> =>
  Promise.all(
    which.map(async (variant) => ({
      name: variant.name,
      server: await startNginx(stage, songs, variant),
      headers: () => ({}),
    })),
  );
