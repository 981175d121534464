import { html, nothing, type TemplateResult } from "lit";
import { messageOf } from "../failure.ts";

/** The faces of a view without content. */
export const loadingNotice = (what: string): TemplateResult =>
  html`<p class="notice" role="status">Loading ${what}…</p>`;

export const failedNotice = (error: unknown, retry: () => void): TemplateResult => html`
  <div class="notice" role="alert">
    <p>${messageOf(error)}</p>
    <button type="button" @click=${retry}>Try again</button>
  </div>
`;

/** In place of a page whose address names nothing. */
export const notFoundNotice = (heading: string): TemplateResult => html`
  <div class="notice">
    <h1 tabindex="-1">${heading}</h1>
    <p>The address may be mistyped, or what was there is gone. <a href="/">Back to the library</a></p>
  </div>
`;

export const emptyNotice = (title: string, hint: TemplateResult | string | typeof nothing = nothing) => html`
  <div class="notice">
    <h2>${title}</h2>
    <p>${hint}</p>
  </div>
`;
