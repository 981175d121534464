import { css } from "lit";

export const appStyles = css`
  :host {
    display: grid;
    grid-template:
      "header main" auto
      "nav main" 1fr
      / 14rem minmax(0, 1fr);
    align-items: start;
    min-height: 100dvh;
  }
  :host > .notice,
  :host > encore-sign-in {
    grid-area: 1 / 1 / -1 / -1;
    align-self: center;
  }
  .skip {
    position: fixed;
    z-index: 3;
    top: var(--space-2);
    left: var(--space-2);
    transform: translateY(-200%);
  }
  .skip:focus {
    transform: none;
  }
  header {
    grid-area: header;
    position: sticky;
    top: 0;
    display: grid;
    gap: var(--space-1);
    padding: var(--space-5) var(--space-5) var(--space-4);
  }
  .brand {
    color: var(--accent);
    font-size: var(--text-l);
    font-weight: 800;
    letter-spacing: -0.02em;
  }
  nav {
    grid-area: nav;
    position: sticky;
    top: 7rem;
    display: grid;
    gap: var(--space-1);
    padding: 0 var(--space-3);
  }
  nav a {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-height: 2.75rem;
    padding: 0 var(--space-3);
    border-radius: var(--radius-m);
    color: var(--muted);
    font-weight: 600;
  }
  nav a:hover {
    background: var(--hover);
    text-decoration: none;
  }
  nav a[aria-current] {
    background: var(--accent-soft);
    color: var(--accent);
  }
  main {
    grid-area: main;
    width: 100%;
    max-width: 72rem;
    padding: var(--space-5) var(--space-6) 9rem var(--space-4);
    outline: none;
  }
  encore-player-bar {
    position: fixed;
    z-index: 2;
    right: 0;
    bottom: 0;
    left: 0;
  }
  .messages {
    position: fixed;
    z-index: 2;
    right: var(--space-3);
    bottom: 7.5rem;
    left: var(--space-3);
    display: flex;
    /* What came last is seen where there is not room for all. */
    flex-direction: column-reverse;
    max-height: calc(100dvh - 8rem);
    overflow-y: auto;
    pointer-events: none;
  }
  @media (max-width: 56rem) {
    :host {
      grid-template:
        "header" auto
        "main" 1fr
        / minmax(0, 1fr);
      --nav: calc(3.5rem + env(safe-area-inset-bottom));
    }
    header {
      z-index: 1;
      display: flex;
      align-items: center;
      justify-content: space-between;
      padding: var(--space-3) var(--space-4);
      background: var(--ground);
    }
    main {
      padding: var(--space-2) var(--space-4) calc(var(--nav) + 8.5rem);
    }
    nav {
      position: fixed;
      z-index: 2;
      top: auto;
      right: 0;
      bottom: 0;
      left: 0;
      grid-auto-flow: column;
      grid-auto-columns: auto;
      gap: 0;
      height: var(--nav);
      padding: 0 0 env(safe-area-inset-bottom);
      border-top: 1px solid var(--line);
      background: var(--surface);
    }
    nav a {
      flex-direction: column;
      justify-content: center;
      gap: 0;
      padding: 0;
      border-radius: 0;
      font-size: var(--text-xs);
    }
    nav a[aria-current] {
      background: none;
    }
    encore-player-bar {
      bottom: var(--nav);
    }
    .messages {
      bottom: calc(var(--nav) + 6.75rem);
      max-height: calc(100dvh - var(--nav) - 7.25rem);
    }
  }
  @media (max-width: 24rem) {
    nav a {
      font-size: 0.625rem;
    }
  }
  /* A page at 400 %: only the player keeps its place. */
  @media (max-width: 56rem) and (max-height: 24rem) {
    :host {
      grid-template:
        "header" auto
        "nav" auto
        "main" 1fr
        / minmax(0, 1fr);
      --nav: 0rem;
    }
    header,
    nav {
      z-index: auto;
      position: static;
    }
    nav {
      height: auto;
      padding: 0;
      border: 0;
    }
    nav a {
      min-height: 3.25rem;
    }
    main {
      padding-bottom: 5rem;
    }
    .messages {
      bottom: 3.5rem;
      max-height: calc(100dvh - 4rem);
    }
  }
  @media (forced-colors: active) {
    nav a[aria-current] {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
  }
`;
