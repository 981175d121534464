import { html, nothing } from "lit";
import type { Album } from "../../core/contract/catalogue.ts";
import { createPager } from "../state/pager.ts";
import { EncorePage } from "./element.ts";
import "./encore-album-grid.ts";
import "./encore-more.ts";
import { followCatalogue } from "./follow-catalogue.ts";
import { emptyNotice, failedNotice, loadingNotice } from "./notices.ts";

const pageSize = 60;

/** All albums. */
export class EncoreAlbums extends EncorePage {
  readonly #pager = createPager<Album, true>((_all, cursor, signal) =>
    this.app.api.albums({ limit: pageSize, ...(cursor ? { cursor } : {}) }, signal),
  );
  readonly #albums = this.watch(() => this.#pager.state);

  constructor() {
    super();
    followCatalogue(this, () => void this.#pager.refresh());
  }

  protected override get heading() {
    return "Albums";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#pager.restart(true);
  }

  override render() {
    return html`<div class="page">
      <h1 tabindex="-1">Albums</h1>
      ${this.#content()}
    </div>`;
  }

  #content() {
    const { items, status, more, error } = this.#albums.value;
    const retry = () => void this.#pager.more();
    if (items.length === 0 && status === "loading") return loadingNotice("albums");
    if (items.length === 0 && status === "ready") return emptyNotice("There are no albums yet");
    return html`
      <encore-album-grid label="Albums" .albums=${items}></encore-album-grid>
      ${status === "failed" ? failedNotice(error, retry) : nothing}
      ${more && status !== "failed" ? html`<encore-more ?busy=${status === "loading"} @encore-more=${retry}></encore-more>` : nothing}
    `;
  }
}

customElements.define("encore-albums", EncoreAlbums);
