const daySeconds = 86_400;

/** How long tokens, sessions and tickets are good, in seconds (docs/architecture.md, "Security"). */
export const lifetimes = {
  accessToken: 600,
  sessionIdle: 30 * daySeconds,
  session: 180 * daySeconds,
  /** A refresh token's predecessor: for two tabs at once, and for an answer that was lost. */
  predecessor: 60,
  ticket: 30,
  /** As long as browsers keep a cookie at most (RFC 6265bis §5.5). */
  device: 400 * daySeconds,
} as const;

export const toSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);
