/** Where a command writes its progress: lines, or a bar where it is a terminal. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };
