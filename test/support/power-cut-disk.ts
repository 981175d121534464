import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type Disk, nodeDisk } from "../../infra/local/disk.ts";

/** One change of a disk, in the order in which the process asked for them; `mark` is the test's own. */
export type DiskEvent =
  | { readonly type: "create" | "sync" | "makeFolder" | "remove" | "syncFolder"; readonly path: string }
  | { readonly type: "write"; readonly path: string; readonly bytes: Buffer }
  | { readonly type: "rename"; readonly path: string; readonly to: string }
  | { readonly type: "mark"; readonly name: string };

/** A disk that changes real files and remembers what was asked of it. A sync counts from when it has ended. */
export function recordDisk(): { readonly disk: Disk; readonly events: DiskEvent[] } {
  const events: DiskEvent[] = [];
  const disk: Disk = {
    async create(path, mode) {
      const file = await nodeDisk.create(path, mode);
      events.push({ type: "create", path });
      return {
        async write(bytes) {
          await file.write(bytes);
          events.push({ type: "write", path, bytes: Buffer.from(bytes) });
        },
        sync: async () => void events.push({ type: "sync", path }),
        close: file.close,
      };
    },
    async makeFolder(path) {
      await nodeDisk.makeFolder(path);
      events.push({ type: "makeFolder", path });
    },
    async rename(path, to) {
      await nodeDisk.rename(path, to);
      events.push({ type: "rename", path, to });
    },
    async remove(path) {
      await nodeDisk.remove(path);
      events.push({ type: "remove", path });
    },
    syncFolder: async (path) => void events.push({ type: "syncFolder", path }),
  };
  return { disk, events };
}

type File = { bytes: Buffer[]; synced: number };
type Names = Map<string, File | "folder">;
type Change = { readonly folders: readonly string[]; readonly apply: (names: Names) => void };

/**
 * Writes what is on the disk after a power cut behind the last event: of names that were not synced each change is there
 * or not, of bytes that were not synced only the first few.
 */
export async function afterPowerCut(
  events: readonly DiskEvent[],
  { root, target, random }: { root: string; target: string; random: () => number },
): Promise<void> {
  const now: Names = new Map();
  const durable: Names = new Map();
  let pending: Change[] = [];
  const change = (folders: readonly string[], apply: (names: Names) => void) => {
    apply(now);
    pending.push({ folders, apply });
  };
  for (const event of events) {
    if (event.type === "mark") continue;
    const { type, path } = event;
    const known = now.get(path);
    const file = known === "folder" ? undefined : known;
    if (type === "write") file?.bytes.push(event.bytes);
    else if (type === "sync" && file) file.synced = file.bytes.length;
    else if (type === "syncFolder") {
      for (const { apply, folders } of pending) if (folders.includes(path)) apply(durable);
      pending = pending.filter(({ folders }) => !folders.includes(path));
    } else if (type === "create") {
      const created = { bytes: [], synced: 0 };
      change([dirname(path)], (names) => names.set(path, created));
    } else if (type === "makeFolder") change([dirname(path)], (names) => names.set(path, "folder"));
    else if (type === "remove") change([dirname(path)], (names) => removeAll(names, path));
    else if (type === "rename")
      change([dirname(event.to)], (names) => renameAll(names, known, path, event.to));
  }
  for (const { apply } of pending) if (random() < 0.5) apply(durable);
  for (const [path, entry] of durable) {
    const at = join(target, relative(root, path));
    if (entry === "folder") await mkdir(at, { recursive: true });
    else {
      await mkdir(dirname(at), { recursive: true });
      await writeFile(at, contentsAfterCut(entry, random));
    }
  }
}

const removeAll = (names: Names, path: string): void => {
  for (const name of names.keys()) if (name === path || name.startsWith(`${path}/`)) names.delete(name);
};

/** A name that was given is of the same file, whether or not the earlier name ever came to the disk. */
function renameAll(names: Names, entry: File | "folder" | undefined, from: string, to: string): void {
  const moved = [...names].filter(([name]) => name === from || name.startsWith(`${from}/`));
  removeAll(names, to);
  for (const [name, value] of moved) {
    names.delete(name);
    names.set(to + name.slice(from.length), value);
  }
  if (entry) names.set(to, entry);
}

function contentsAfterCut({ bytes, synced }: File, random: () => number): Buffer {
  const kept = Buffer.concat(bytes.slice(0, synced));
  const unsynced = Buffer.concat(bytes.slice(synced));
  return Buffer.concat([kept, unsynced.subarray(0, Math.floor(random() * (unsynced.length + 1)))]);
}
