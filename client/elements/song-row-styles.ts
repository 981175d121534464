import { css } from "lit";

export const songRowStyles = css`
  .row {
    display: grid;
    grid-template-columns: 3rem minmax(0, 1fr) auto auto auto;
    align-items: center;
    gap: var(--space-2) var(--space-3);
    min-height: 4rem;
    padding: var(--space-2);
    border-radius: var(--radius-m);
  }
  .row:hover {
    background: var(--hover);
  }
  .names {
    display: grid;
    min-width: 0;
    line-height: 1.35;
  }
  .title {
    font-weight: 600;
    cursor: pointer;
  }
  .by {
    color: var(--muted);
    font-size: var(--text-s);
  }
  .current .title {
    color: var(--accent);
  }
  .time {
    min-width: 3em;
    color: var(--muted);
    font-size: var(--text-s);
    font-variant-numeric: tabular-nums;
    text-align: right;
  }
  .lead {
    display: grid;
    width: 3rem;
    height: 3rem;
  }
  .lead > * {
    grid-area: 1 / 1;
  }
  button.play {
    width: 100%;
    padding: 0;
    border: 0;
    border-radius: var(--radius-s);
    background: #000000a6;
    color: #ffffff;
    opacity: 0;
    transition: opacity var(--quick);
  }
  .row:hover .play,
  .current .play,
  .play:focus-visible {
    opacity: 1;
  }
  .number {
    place-self: center;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  @media (max-width: 40rem) {
    .row {
      grid-template-columns: 3rem minmax(0, 1fr) auto auto;
      margin-inline: calc(-1 * var(--space-2));
    }
    .time {
      display: none;
    }
    /* Without a pointer that could rest on it, a title shows more of itself. */
    .title.clip {
      display: -webkit-box;
      white-space: normal;
      -webkit-box-orient: vertical;
      -webkit-line-clamp: 3;
    }
    .current .title.clip {
      -webkit-line-clamp: 6;
    }
  }
  @media (forced-colors: active) {
    .current {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;
