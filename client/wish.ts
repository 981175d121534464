/**
 * A person's wish to hear something here, until bytes have come on it: what goes on by itself later has none, or two
 * devices would take the slot from each other for ever.
 *
 * @param newId names a wish, so that the server grants it once
 */
export function createWish(newId: () => string) {
  let wish: { readonly id: string; readonly bufferedTo: number } | undefined;

  return {
    /** @param bufferedTo how much has come before (seconds) */
    make(bufferedTo: number): void {
      wish = { id: newId(), bufferedTo };
    },
    forget(): void {
      wish = undefined;
    },
    isOpen: () => wish !== undefined,
    /** @param bufferedTo how much has come now (seconds): more than before fulfils it */
    heard(bufferedTo: number): void {
      if (wish && bufferedTo > wish.bufferedTo) wish = undefined;
    },
    /** The wish's name, to be said to the server; it is said once. */
    spend(): string | undefined {
      const id = wish?.id;
      wish = undefined;
      return id;
    },
  };
}
