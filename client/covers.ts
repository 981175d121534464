/** Pixels of the longer side that covers are kept in. */
export const coverSizes = [160, 320, 640] as const;

/** The path of a cover in one size. */
export const coverOfSize = (coverUrl: string, pixels: number): string =>
  `${coverUrl}${coverUrl.includes("?") ? "&" : "?"}size=${pixels}`;
