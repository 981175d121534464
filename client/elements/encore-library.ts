import { css, html, nothing, type PropertyDeclarations, type PropertyValues } from "lit";
import { type Album, maxQueryLength } from "../../core/contract/catalogue.ts";
import { cutText } from "../../core/domain/shared/text.ts";
import { createLoader } from "../state/loader.ts";
import { createPager } from "../state/pager.ts";
import { EncorePage } from "./element.ts";
import "./encore-album-grid.ts";
import "./encore-search-box.ts";
import type { EncoreSearchBox } from "./encore-search-box.ts";
import "./encore-song-list.ts";
import { followCatalogue } from "./follow-catalogue.ts";

const pageSize = 50;
const shelfSize = 12;

/**
 * The library: search over everything, and without a search the albums and all songs.
 *
 * @property {string} q what is searched, kept in the address
 */
export class EncoreLibrary extends EncorePage {
  static override properties: PropertyDeclarations = { q: {} };
  static override styles = [
    EncorePage.styles,
    css`
      .head {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-3);
      }
    `,
  ];

  declare q: string;

  readonly #songs = createPager(async (q: string, cursor, signal) => {
    const page = await this.app.api.songs({ q, limit: pageSize, ...(cursor ? { cursor } : {}) }, signal);
    this.app.songs.keep(page.items);
    return page;
  });
  readonly #albums = createLoader<Album[]>(
    async (_input, signal) => (await this.app.api.albums({ limit: shelfSize }, signal)).items,
  );
  readonly #shelf = this.watch(() => this.#albums.state);

  constructor() {
    super();
    followCatalogue(this, () => {
      void this.#albums.refresh();
      void this.#songs.refresh();
    });
  }

  protected override get heading() {
    return "Library";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#albums.load();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("q")) void this.#songs.restart(this.#text);
  }

  /** An address may hold more than is searched. */
  get #text(): string {
    return cutText(this.q.trim(), maxQueryLength);
  }

  /** Puts the cursor into the search field. */
  focusSearch(): void {
    this.renderRoot.querySelector<EncoreSearchBox>("encore-search-box")?.focus();
  }

  override render() {
    const text = this.#text;
    return html`<div class="page">
      <h1 tabindex="-1">Library</h1>
      <encore-search-box .value=${text} @encore-search=${this.#search}></encore-search-box>
      ${text ? nothing : this.#albumShelf()}
      <section aria-labelledby="songs">
        <h2 id="songs" class="lines" title=${text}>${text ? `Results for “${text}”` : "Songs"}</h2>
        <encore-song-list
          .app=${this.app}
          .pager=${this.#songs}
          label="Songs"
          empty=${text ? "Nothing was found" : "The library is empty"}
        ></encore-song-list>
      </section>
    </div>`;
  }

  #albumShelf() {
    const loading = this.#shelf.value;
    if (!("value" in loading) || !loading.value?.length) return nothing;
    return html`<section aria-labelledby="albums">
      <div class="head">
        <h2 id="albums">Albums</h2>
        <a class="small muted" href="/albums">All albums</a>
      </div>
      <encore-album-grid shelf label="Albums" .albums=${loading.value}></encore-album-grid>
    </section>`;
  }

  #search({ detail }: CustomEvent<string>): void {
    this.app.router.replace(detail ? `/?q=${encodeURIComponent(detail)}` : "/");
  }
}

customElements.define("encore-library", EncoreLibrary);
