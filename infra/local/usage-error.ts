/** The words of the call cannot be used; its message says how to call. */
export class UsageError extends Error {}
