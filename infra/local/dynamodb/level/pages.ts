import { decodeValue } from "./envelope.ts";
import type { Entry, Handle } from "./handle.ts";

const pageSize = 200;

/** The entries of a range of keys in pages, each from an iterator of its own: one keeps the data it began with. */
export async function* pagesOf(
  handle: Handle,
  from = "",
  end = "\u{10ffff}",
): AsyncGenerator<readonly Entry[]> {
  for (let gt = from; ; ) {
    const iterator = handle.iterate({ gt, lt: end, limit: pageSize });
    const page = await iterator.nextv(pageSize);
    await iterator.close();
    const last = page.at(-1)?.[0];
    if (last === undefined) return;
    yield page;
    gt = last;
  }
}

/** The value of a key; undefined for one that does not match its checksum. */
export function readValue(key: string, stored: string): unknown {
  try {
    return decodeValue(key, stored);
  } catch {
    return undefined;
  }
}
