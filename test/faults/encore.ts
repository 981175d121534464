import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { SignedInApi } from "../../infra/local/import/api.ts";
import { signIn } from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import { loginAt } from "../support/api-client.ts";
import { type EncoreProcess, spawnEncore } from "../support/encore-process.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import type { Volume } from "./volume.ts";

const password = "encore-demo-password";

/** All of Encore on a volume, in a process of its own. */
export const startOn = (volume: Volume): Promise<EncoreProcess> =>
  spawnEncore({ DATA_DIR: join(volume.path, "data"), LOG_LEVEL: "silent", THROTTLE_SCALE: "10000" });

/** The access token of somebody who may hear every song whole. */
export const hearAll = async (url: string): Promise<string> =>
  (await loginAt(url, "curator@example.com", password)).accessToken;

export const curatorAt = (url: string): Promise<SignedInApi> => signIn(url, "curator@example.com", password);

/** Brings a short song of its own bytes in; also when an earlier try got part of the way. */
export async function bringIn(curator: SignedInApi, tone: number) {
  const bytes = await sampleAudio({ format: "mp3", seconds: 0.5, tone });
  const folder = await mkdtemp(join(tmpdir(), "encore-faults-"));
  try {
    const path = join(folder, `tone ${tone}.mp3`);
    await writeFile(path, bytes);
    const outcome = await uploadFile(curator, { path, contentType: "audio/mpeg" });
    return { songId: outcome.status === "added" ? outcome.song.songId : outcome.songId, bytes };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Stops a process where it is, and resolves when none of its threads runs any more. */
export async function freeze({ pid }: EncoreProcess): Promise<void> {
  process.kill(pid, "SIGSTOP");
  while (!(await isStopped(pid))) await wait(1);
}

export const thaw = ({ pid }: EncoreProcess): boolean => process.kill(pid, "SIGCONT");

/** State `T` of every thread (proc_pid_stat(5)): a write that had begun has ended by then. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => ") T");
      return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
    }),
  );
  return states.every((state) => state === "T");
}
