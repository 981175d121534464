import { html, nothing, type TemplateResult } from "lit";
import { messageOf } from "../failure.ts";

/** The three faces of a view without content. */
export const loadingNotice = (what: string): TemplateResult =>
  html`<p class="notice" role="status">Loading ${what}…</p>`;

export const failedNotice = (error: unknown, retry: () => void): TemplateResult => html`
  <div class="notice" role="alert">
    <p>${messageOf(error)}</p>
    <button type="button" @click=${retry}>Try again</button>
  </div>
`;

export const emptyNotice = (title: string, hint: TemplateResult | string | typeof nothing = nothing) => html`
  <div class="notice">
    <h2>${title}</h2>
    <p>${hint}</p>
  </div>
`;
