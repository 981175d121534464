/** What a browser remembers between visits; no secret is ever among it. */
export type Settings<T> = { read(): T; write(value: T): void };

/**
 * A JSON value in the browser's storage; undefined is removed. Anything unreadable, and storage that is switched off, count as absent.
 *
 * @param isValid guards against what an older version or another hand left there
 */
export function createSettings<T>(
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  key: string,
  fallback: T,
  isValid: (value: unknown) => value is T,
): Settings<T> {
  return {
    read() {
      try {
        const value: unknown = JSON.parse(storage.getItem(key) ?? "null");
        return isValid(value) ? value : fallback;
      } catch {
        return fallback;
      }
    },
    write(value) {
      try {
        if (value === undefined) storage.removeItem(key);
        else storage.setItem(key, JSON.stringify(value));
      } catch {
        // Private windows may refuse; the value then lasts as long as the page.
      }
    },
  };
}
