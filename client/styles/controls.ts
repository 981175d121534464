import { css } from "lit";

/** What every element shares: text, buttons, fields, notices, and a focus that is always visible. */
export const controls = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    /* A title may be one word of hundreds of letters. */
    overflow-wrap: anywhere;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: var(--text-xl);
    font-weight: 700;
    line-height: 1.2;
    letter-spacing: -0.02em;
    outline: none;
  }
  h1.long {
    font-size: var(--text-l);
  }
  h2 {
    font-size: var(--text-l);
    font-weight: 650;
    line-height: 1.3;
    letter-spacing: -0.01em;
  }
  a {
    color: inherit;
    text-decoration: none;
  }
  a:hover {
    text-decoration: underline;
  }
  img {
    display: block;
    max-width: 100%;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-2);
    min-height: var(--target);
    padding: 0 var(--space-4);
    border: 1px solid var(--line-strong);
    border-radius: var(--round);
    background: transparent;
    font-size: var(--text-s);
    font-weight: 600;
    white-space: nowrap;
    cursor: pointer;
    transition:
      background var(--quick),
      color var(--quick),
      border-color var(--quick);
  }
  button:hover {
    background: var(--hover);
  }
  button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  button.primary {
    border-color: transparent;
    background: var(--accent);
    color: var(--on-accent);
  }
  button.primary:hover:enabled {
    background: var(--accent-hover);
  }
  button.danger {
    border-color: var(--bad);
    color: var(--bad);
  }
  button.plain {
    border-color: transparent;
  }
  button.icon {
    flex: none;
    width: var(--target);
    padding: 0;
    border-color: transparent;
  }
  button.icon[aria-pressed="true"] {
    color: var(--accent);
  }
  label {
    font-size: var(--text-s);
    font-weight: 600;
  }
  input:not([type="range"], [type="radio"], [type="checkbox"]),
  select {
    width: 100%;
    min-height: var(--target);
    padding: 0 var(--space-3);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-m);
    background: var(--surface);
    font-size: max(1rem, 16px);
  }
  input[aria-invalid="true"] {
    border-color: var(--bad);
  }
  .field {
    display: grid;
    gap: var(--space-1);
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: var(--text-s);
  }
  .error {
    color: var(--bad);
    font-size: var(--text-s);
  }
  .badge {
    display: inline-flex;
    align-items: center;
    min-height: 1.5rem;
    padding: 0 0.55em;
    border: 1px solid currentColor;
    border-radius: var(--round);
    color: var(--accent);
    font-size: var(--text-xs);
    font-weight: 600;
    white-space: nowrap;
  }
  .lines {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: var(--lines, 2);
  }
  .clip {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .notice {
    display: grid;
    justify-items: center;
    gap: var(--space-3);
    padding: var(--space-7) var(--space-4);
    color: var(--muted);
    text-align: center;
  }
  .notice :is(h1, h2, a) {
    color: var(--text);
  }
  .notice a {
    text-decoration: underline;
  }
  .page {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-5);
  }
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-3);
  }
  @media (forced-colors: active) {
    button[aria-pressed="true"],
    button.icon[aria-pressed="true"],
    button[aria-expanded="true"],
    button.primary:enabled {
      forced-color-adjust: none;
      border-color: Highlight;
      background: Highlight;
      color: HighlightText;
    }
  }
  svg {
    flex: none;
    width: 1.25rem;
    height: 1.25rem;
    fill: currentColor;
  }
`;
