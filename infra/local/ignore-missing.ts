/** For `catch`: what is not there is undefined. @throws every other error of the file system */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
