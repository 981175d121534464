import { execFile } from "node:child_process";
import { mkdir, open, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A mounted file system of a test's own. */
export type Volume = {
  /** Where it is mounted. */
  readonly path: string;
  /** The loop device behind it, like `/dev/loop3`; undefined for a tmpfs. */
  readonly device: string | undefined;
  unmount(): Promise<void>;
};

const mebibyte = 1024 * 1024;

/** Whether this process may mount: it needs root and loop devices. */
export async function canMount(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return run("losetup", ["--find"]).then(
    () => run("mkfs.ext4", ["-V"]).then(() => true),
    () => false,
  );
}

/** Makes an image file with an empty ext4. Nothing is kept back for root, so that a full disk is full for all. */
export async function makeImage(path: string, sizeMib: number): Promise<void> {
  await (await open(path, "w")).close();
  await truncate(path, sizeMib * mebibyte);
  await run("mkfs.ext4", ["-q", "-F", "-m", "0", path]);
}

/**
 * Mounts an image through a loop device. The journal is committed by `fsync` and hardly ever by time, so that what is
 * not synced does not reach the disk by luck.
 */
export async function mountImage(image: string, path: string): Promise<Volume> {
  await mkdir(path, { recursive: true });
  const { stdout } = await run("losetup", ["--find", "--show", image]);
  const device = stdout.trim();
  const detach = () => run("losetup", ["--detach", device]);
  try {
    await run("mount", ["-t", "ext4", "-o", "commit=600", device, path]);
  } catch (error) {
    await detach();
    throw error;
  }
  return {
    path,
    device,
    unmount: async () => {
      await unmount(path);
      await detach();
    },
  };
}

export async function mountTmpfs(path: string, sizeMib: number): Promise<Volume> {
  await mkdir(path, { recursive: true });
  await run("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", path]);
  return {
    path,
    device: undefined,
    unmount: () => unmount(path),
  };
}

const unmountTries = 50;

/** The files of a process that was killed are closed a moment after it has gone. */
async function unmount(path: string): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      await run("umount", [path]);
      return;
    } catch (error) {
      if (tries === unmountTries) throw error;
      await wait(100);
    }
}

/** Copies an image as it is at this moment: what has not reached the loop device is not in it. */
export async function copyImage(from: string, to: string): Promise<void> {
  await run("cp", ["--sparse=always", from, to]);
}

/** Writes completed and requests in flight of a loop device (kernel documentation, `block/stat`). */
export async function writesOf(device: string): Promise<string> {
  const text = await readFile(join("/sys/block", device.replace("/dev/", ""), "stat"), "utf8");
  const fields = text.trim().split(/\s+/);
  return `${fields[4]} ${fields[8]}`;
}

/** Fills a volume with a file until not a byte more fits, then frees `spareBytes` of it. @returns the undo */
export async function fill(volume: Volume, spareBytes: number): Promise<() => Promise<void>> {
  const path = join(volume.path, "ballast");
  const file = await open(path, "w");
  let size = 0;
  try {
    for (let chunk = mebibyte; chunk >= 512; )
      try {
        const { bytesWritten } = await file.write(Buffer.alloc(chunk, 1));
        size += bytesWritten;
        if (bytesWritten < chunk) chunk /= 2;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        chunk /= 2;
      }
    await file.truncate(Math.max(0, size - spareBytes));
  } finally {
    await file.close();
  }
  return () => rm(path);
}
