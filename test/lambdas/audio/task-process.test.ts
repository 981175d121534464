import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { createTaskProcess } from "../../../lambdas/audio/task-process.ts";
import { until } from "../../support/until.ts";

it("A process that is ended from outside while it has nothing to do is replaced, and fails no task", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-task-"));
  const file = join(folder, "answers-its-id.mjs");
  await writeFile(file, 'process.on("message", () => process.send(process.pid));');
  const tasks = createTaskProcess<object, number>({
    file: pathToFileURL(file),
    heapMiB: 32,
    deadlineMs: 20_000,
    idleMs: 20_000,
  });
  try {
    const first = await tasks.run({});
    process.kill(first, "SIGKILL");
    await until("it has ended", () => !isThere(first));
    expect(await tasks.run({})).not.toBe(first);
  } finally {
    await tasks.close();
    await rm(folder, { recursive: true });
  }
});

function isThere(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
