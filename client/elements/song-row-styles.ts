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
  button.play {
    position: relative;
    display: grid;
    width: 3rem;
    height: 3rem;
    min-height: 0;
    padding: 0;
    overflow: hidden;
    border: 0;
    border-radius: var(--radius-s);
  }
  .play > * {
    grid-area: 1 / 1;
    width: 100%;
  }
  .veil {
    display: grid;
    place-items: center;
    height: 100%;
    background: #000000a6;
    color: #ffffff;
    opacity: 0;
    transition: opacity var(--quick);
  }
  .row:hover .veil,
  .current .veil,
  .play:focus-visible .veil {
    opacity: 1;
  }
  .number {
    color: var(--muted);
    font-size: var(--text-m);
    font-weight: 500;
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
    .badge {
      font-size: 0.6875rem;
    }
  }
`;
