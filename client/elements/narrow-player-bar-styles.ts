import { css } from "lit";

/** In a window without room for all controls side by side. */
export const narrowPlayerBarStyles = css`
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
