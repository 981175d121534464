import { css } from "lit";

export const playerBarStyles = css`
  section {
    display: grid;
    grid-template:
      "about buttons extras" auto
      "about seek extras" auto
      / minmax(0, 1fr) minmax(0, 1.4fr) minmax(0, 1fr);
    align-items: center;
    column-gap: var(--space-5);
    padding: var(--space-2) var(--space-4);
    border-top: 1px solid var(--line);
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  .about {
    grid-area: about;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-width: 0;
  }
  .cover {
    flex: none;
    width: 4rem;
    border-radius: var(--radius-s);
  }
  .names {
    display: grid;
    justify-items: start;
    flex: 0 1 auto;
    min-width: 0;
    line-height: 1.5rem;
  }
  .names > * {
    max-width: 100%;
  }
  .names .clip a {
    padding-block: 0.25rem;
  }
  .title {
    font-weight: 600;
  }
  .buttons {
    grid-area: buttons;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-2);
  }
  .main.waiting svg {
    animation: breathe 1.2s ease-in-out infinite;
  }
  @keyframes breathe {
    50% {
      opacity: 0.25;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .main.waiting svg {
      animation: none;
    }
  }
  button {
    position: relative;
  }
  .one {
    position: absolute;
    font-size: 0.5625rem;
    font-weight: 800;
  }
  .seek {
    grid-area: seek;
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-2);
  }
  .seek encore-slider {
    --target: 1.75rem;
  }
  .time {
    min-width: 2.6em;
    color: var(--muted);
    font-size: var(--text-xs);
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
  .extras {
    grid-area: extras;
    display: flex;
    align-items: center;
    justify-content: flex-end;
    gap: var(--space-1);
  }
  .extras encore-slider {
    width: min(8rem, 50%);
  }
  .more {
    display: none;
  }
`;
