/** What is wrong with a file, in words for who brought it; a refusal as `bad-audio`. Loads nothing, so that it comes at once. */
export class Damage extends Error {}
