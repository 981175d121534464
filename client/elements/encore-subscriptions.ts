import { css, html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Subscriptions } from "../state/changes.ts";
import {
  everything,
  type Filter,
  filterSubscriptions,
  isKnown,
  type Listed,
  playableFrom,
  tagsOf,
} from "../state/listing.ts";
import { EncorePage } from "./element.ts";
import "./encore-more.ts";
import "./encore-song-row.ts";
import "./encore-subscription-editor.ts";
import "./encore-subscription-filter.ts";
import { counted } from "./format.ts";
import { icons } from "./icons.ts";
import { emptyNotice, loadingNotice } from "./notices.ts";
import { once } from "./once.ts";

const step = 50;

/** My subscriptions: pinned ones first, narrowed and sorted as wanted; rating, tags and pin of each. */
export class EncoreSubscriptions extends EncorePage {
  static override properties: PropertyDeclarations = { filter: { state: true }, shown: { state: true } };
  static override styles = [
    EncorePage.styles,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
      }
      li + li {
        border-top: 1px solid var(--line);
      }
      .lost {
        display: flex;
        align-items: center;
        justify-content: space-between;
        min-height: 4rem;
        color: var(--muted);
      }
    `,
  ];

  declare filter: Filter;
  declare shown: number;

  readonly #all = this.watch(({ sync }) => sync.subscriptions);
  readonly #songs = this.watch(({ songs }) => songs.byId);
  readonly #user = this.watch(({ session }) => session.user);

  constructor() {
    super();
    this.filter = everything;
    this.shown = step;
  }

  protected override get heading() {
    return "My subscriptions";
  }

  override render() {
    const all = this.#all.value;
    return html`<div class="page">
      <h1 tabindex="-1">My subscriptions</h1>
      ${all ? this.#content(all) : loadingNotice("subscriptions")}
    </div>`;
  }

  #content(all: Subscriptions) {
    if (all.size === 0)
      return emptyNotice(
        "No subscriptions yet",
        html`Find songs in the <a href="/">library</a> and press the heart.`,
      );
    const tags = tagsOf(all.values());
    const listed = filterSubscriptions(all.values(), this.#songs.value, this.filter);
    this.#fetchWhatIsNeeded(all, listed);
    const hasSongs = listed.some(({ song }) => isKnown(song));
    const playFrom = (songId?: string) => this.#play(listed, songId);
    return html`
      <div class="head">
        <p class="muted small" role="status">${this.#count(listed.length, all.size)}</p>
        <button type="button" class="primary" ?disabled=${!hasSongs} @click=${once(() => playFrom())}>
          ${icons.play} Play all
        </button>
      </div>
      <encore-subscription-filter .tags=${tags} .filter=${this.filter} @encore-filter=${this.#narrow}></encore-subscription-filter>
      ${listed.length ? nothing : emptyNotice("None of them match", "Loosen the filter to see more.")}
      <ul aria-label="My subscriptions">
        ${repeat(
          listed.slice(0, this.shown),
          ({ subscription }) => subscription.songId,
          (one) => this.#item(one, playFrom, tags),
        )}
      </ul>
      ${
        listed.length > this.shown
          ? html`<encore-more @encore-more=${() => {
              this.shown += step;
            }}></encore-more>`
          : nothing
      }
    `;
  }

  #count(listed: number, all: number): string {
    const limit = this.#user.value?.entitlements.subscriptions;
    const of = limit ? ` of ${limit.toLocaleString()} in your plan` : "";
    return listed === all
      ? `${counted(all, "song")}${of}`
      : `${listed.toLocaleString()} of ${counted(all, "song")}`;
  }

  /** Sorting and searching by name need every song; the list itself only those that are shown. */
  #fetchWhatIsNeeded(all: Subscriptions, listed: readonly Listed[]): void {
    const { text, sort } = this.filter;
    if (text !== "" || sort === "title" || sort === "artist") this.app.songs.want([...all.keys()]);
    this.app.songs.refresh(listed.slice(0, this.shown).map(({ subscription }) => subscription.songId));
  }

  #play(listed: readonly Listed[], songId?: string): void {
    const { songs, first, rest } = playableFrom(listed, songId);
    this.app.playback.play(songs, first, this.app.songs.pages(rest));
  }

  #item({ subscription, song }: Listed, play: (songId: string) => void, tags: readonly string[]) {
    const { songId } = subscription;
    if (!isKnown(song)) return html`<li class="lost">${this.#unknown(songId, song === "missing")}</li>`;
    return html`<li>
      <encore-song-row .app=${this.app} .song=${song} .play=${() => play(songId)}>
        <encore-subscription-editor .app=${this.app} .song=${song} .subscription=${subscription} .known=${tags}></encore-subscription-editor>
      </encore-song-row>
    </li>`;
  }

  #unknown(songId: string, gone: boolean) {
    if (!gone) return html`<span>Loading…</span>`;
    const remove = () => this.app.sync.change({ op: "delete", songId });
    return html`<span>A song that left the library</span><button type="button" @click=${remove}>Remove</button>`;
  }

  #narrow({ detail }: CustomEvent<Filter>): void {
    this.filter = detail;
    this.shown = step;
  }
}

customElements.define("encore-subscriptions", EncoreSubscriptions);
