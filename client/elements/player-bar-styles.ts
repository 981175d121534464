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
  /* Beside the title there is room for what is used most; the rest opens below it. */
  @media (max-width: 56rem) {
    section {
      grid-template:
        "about previous main next more" auto
        "seek seek seek seek seek" auto
        "extras shuffle repeat subscribe subscribe" auto
        / minmax(0, 1fr) auto auto auto auto;
      column-gap: 0;
      /* What "More controls" opens is reached after it, as it is seen. */
      reading-flow: grid-rows;
      max-height: calc(100dvh - var(--nav, 0rem));
      padding: var(--space-2) var(--space-3) 0;
      overflow-y: auto;
    }
    .about {
      padding-right: var(--space-2);
    }
    .cover {
      width: 3rem;
    }
    .buttons {
      display: contents;
    }
    .previous {
      grid-area: previous;
    }
    .main {
      grid-area: main;
    }
    .next {
      grid-area: next;
    }
    .more {
      display: inline-flex;
      grid-area: more;
    }
    .shuffle {
      grid-area: shuffle;
    }
    .repeat {
      grid-area: repeat;
    }
    .extras {
      justify-content: flex-start;
    }
    .extras encore-slider {
      flex: 1;
      width: auto;
    }
    .seek encore-slider {
      --target: 2.75rem;
      margin-block: -0.4rem;
    }
    section:not(.expanded) :is(.extras, .shuffle, .repeat) {
      display: none;
    }
    section.expanded {
      padding-bottom: var(--space-2);
      grid-template:
        "about about about about about" auto
        ". previous main next more" auto
        "seek seek seek seek seek" auto
        "extras shuffle repeat subscribe subscribe" auto
        / minmax(0, 1fr) auto auto auto auto;
    }
    .expanded .names {
      max-height: 25dvh;
      overflow-y: auto;
    }
    .expanded .names .clip,
    .expanded .names a {
      white-space: normal;
    }
  }
  @media (max-width: 26rem) {
    .about {
      display: contents;
    }
    .cover {
      display: none;
    }
    .names {
      grid-area: about;
      padding-right: var(--space-2);
    }
    encore-subscribe-button {
      grid-area: subscribe;
    }
    section:not(.expanded) encore-subscribe-button {
      display: none;
    }
  }
  /* A phone on its side, or a page at 400 %: what is left belongs to the page. */
  @media (max-width: 56rem) and (max-height: 24rem) {
    section {
      padding-top: 0;
    }
    section:not(.expanded) .seek {
      display: none;
    }
  }
`;
