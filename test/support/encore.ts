import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Encore, type StartOptions, startEncore } from "../../infra/local/start.ts";

/** All of Encore in this process, on a free port, with data of its own that goes when it is closed. */
export async function startTestEncore(options: Partial<StartOptions> = {}): Promise<Encore> {
  const dataDir = await mkdtemp(join(tmpdir(), "encore-"));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    const encore = await startEncore({
      demoTracks: 0,
      ...options,
      env: { PORT: "0", DATA_DIR: dataDir, LOG_LEVEL: "silent", ...options.env },
    });
    return {
      ...encore,
      close: async () => {
        await encore.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
