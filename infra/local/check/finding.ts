/** One thing that is wrong in a data folder, in words. */
export type Finding = {
  readonly what: string;
  /** What was done about it; absent where nothing was, or could be. */
  readonly mended?: string | undefined;
  /** What helps, where it is not mended. */
  readonly advice?: string | undefined;
};

export const describeFinding = ({ what, mended, advice }: Finding): string => {
  if (mended !== undefined) return `${what}: ${mended}`;
  return advice === undefined ? what : `${what}; ${advice}`;
};
