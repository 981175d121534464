/** What the operating system says of a file, in words; by the code of its error. */
const words: Readonly<Record<string, string>> = {
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  ENOENT: "it is gone",
  ENOTDIR: "it is gone",
  ELOOP: "it is a link that leads to itself",
  ENAMETOOLONG: "its path is too long: move it further up",
  EIO: "the disk has failed",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/** Why a file or folder cannot be read: a sentence without its end. */
export function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? message : words[code];
  return reason === undefined ? `It cannot be read (${code})` : `It cannot be read: ${reason}`;
}
