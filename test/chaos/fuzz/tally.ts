/** What a run counts. */
export type Tally = {
  /** WebSocket frames sent, damaged ones too. */
  frames: number;
  connections: number;
  handshakes: number;
  readonly sent: Map<string, number>;
  /** Messages of the server by type, `error` by the problem's kind, and `pong frame`. */
  readonly answers: Map<string, number>;
  /** How connections ended, by close code. */
  readonly endings: Map<number, number>;
  /** What was not as it must be. */
  readonly faults: string[];
};

export const createTally = (): Tally => ({
  frames: 0,
  connections: 0,
  handshakes: 0,
  sent: new Map(),
  answers: new Map(),
  endings: new Map(),
  faults: [],
});

export const count = <K>(counts: Map<K, number>, key: K, by = 1): void =>
  void counts.set(key, (counts.get(key) ?? 0) + by);

export const listed = (counts: ReadonlyMap<string | number, number>): string =>
  [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([key, times]) => `${key} ${times}`)
    .join(", ");
