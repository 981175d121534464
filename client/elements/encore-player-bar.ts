import { html, nothing } from "lit";
import type { Song } from "../../core/contract/catalogue.ts";
import { hearsWhole } from "../../core/domain/plans.ts";
import { messageOf } from "../failure.ts";
import type { PlayerState } from "../player-state.ts";
import { isKnown } from "../state/listing.ts";
import { artistLinks } from "./artist-links.ts";
import { EncoreElement } from "./element.ts";
import "./encore-cover.ts";
import "./encore-slider.ts";
import "./encore-subscribe-button.ts";
import { clockTime, spokenTime } from "./format.ts";
import { icons } from "./icons.ts";
import { narrowPlayerBarStyles } from "./narrow-player-bar-styles.ts";
import { once } from "./once.ts";
import { playerBarStyles } from "./player-bar-styles.ts";

const repeatNames = { off: "Repeat off", all: "Repeat all", one: "Repeat this song" };

const waits = {
  network: "No connection. It goes on by itself.",
  server: "Encore is busy. It goes on by itself.",
};

const waitText = ({ status, waitingFor }: PlayerState): string =>
  status === "waiting" && waitingFor ? waits[waitingFor] : "";

/** What plays, where it is, and the controls of it. Empty until something was played. */
export class EncorePlayerBar extends EncoreElement {
  static override properties = { sliding: { state: true }, expanded: { state: true } };
  static override styles = [EncoreElement.styles, playerBarStyles, narrowPlayerBarStyles];

  /** Where the thumb is held, while it is held. */
  declare sliding: number | undefined;
  /** In a narrow window: whether the controls that have no room beside the title are there too. */
  declare expanded: boolean;

  #around: Node | undefined;
  readonly #player = this.watch(({ playback }) => playback.player);
  readonly #queue = this.watch(({ playback }) => playback.queue);
  readonly #volume = this.watch(({ playback }) => playback.volume);
  readonly #user = this.watch(({ session }) => session.user);
  readonly #songs = this.watch(({ songs }) => songs.byId);

  override connectedCallback(): void {
    super.connectedCallback();
    // The document hears of no focus that goes from one of its elements' shadow trees to another of the same element.
    this.#around = this.getRootNode();
    this.#around.addEventListener("focusin", this.#onFocus);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#around?.removeEventListener("focusin", this.#onFocus);
  }

  /** What has the focus is not to lie below the controls. */
  readonly #onFocus = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.expanded = false;
  };

  override render() {
    const state = this.#player.value;
    if (!state.song) return nothing;
    return html`<section aria-label="Player" data-status=${state.status} class=${this.expanded ? "expanded" : ""}>
      <p class="visually-hidden" role="status">${waitText(state)}</p>
      ${this.#about(this.#asOfNow(state.song), state)} ${this.#buttons(state)} ${this.#seek(state)} ${this.#extras()}
    </section>`;
  }

  /** It may be renamed while it plays. */
  #asOfNow(song: Song): Song {
    this.app.songs.refresh([song.songId]);
    const known = this.#songs.value.get(song.songId);
    return isKnown(known) ? known : song;
  }

  #about(song: Song, state: PlayerState) {
    const { status } = state;
    const preview = !hearsWhole(this.#user.value?.plan ?? "free", song.tier);
    return html`<div class="about">
      <a class="cover" href="/albums/${song.albumId}" aria-label="Album ${song.album}"><encore-cover sizes="4rem" .src=${song.coverUrl}></encore-cover></a>
      <div class="names">
        <span class="title clip" title=${song.title}>${song.title}</span>
        ${this.#below(song, state)}
        ${preview && status !== "failed" ? html`<a class="badge" href="/account" title="30 s preview on Free; the whole song needs Plus or HiFi">30 s preview</a>` : nothing}
      </div>
      <encore-subscribe-button .app=${this.app} .song=${song}></encore-subscribe-button>
    </div>`;
  }

  /** Why it does not play, or else whose song it is. */
  #below({ artist, artists }: Song, state: PlayerState) {
    const wait = waitText(state);
    if (state.status === "failed") return html`<span class="error lines">${messageOf(state.error)}</span>`;
    // It is read out by the status above, which is there before it has a text.
    if (wait) return html`<span class="muted small lines" aria-hidden="true">${wait}</span>`;
    return html`<span class="muted small clip" title=${artist}>${artistLinks(artist, artists)}</span>`;
  }

  #buttons({ status }: PlayerState) {
    const { playback } = this.app;
    const on = status === "playing" || status === "waiting";
    const { shuffled, repeat } = this.#queue.value;
    return html`<div class="buttons">
      <button type="button" class="icon shuffle" aria-label="Shuffle" aria-pressed=${shuffled ? "true" : "false"} title="Shuffle" @click=${playback.toggleShuffle}>${icons.shuffle}</button>
      <button type="button" class="icon previous" aria-label="Previous" title="Previous" @click=${playback.previous}>${icons.previous}</button>
      <button type="button" class="icon primary main ${status === "waiting" ? "waiting" : ""}" aria-label=${on ? "Pause" : "Play"} title=${on ? "Pause" : "Play"} @click=${once(playback.toggle)}>
        ${on ? icons.pause : icons.play}
      </button>
      <button type="button" class="icon next" aria-label="Next" title="Next" @click=${playback.next}>${icons.next}</button>
      <button type="button" class="icon repeat" aria-label=${repeatNames[repeat]} aria-pressed=${repeat === "off" ? "false" : "true"} title=${repeatNames[repeat]} @click=${playback.cycleRepeat}>
        ${icons.repeat}${repeat === "one" ? html`<span class="one" aria-hidden="true">1</span>` : nothing}
      </button>
      <button type="button" class="icon more" aria-label="More controls" aria-expanded=${this.expanded ? "true" : "false"} title="More controls" @click=${this.#expand}>${icons.more}</button>
    </div>`;
  }

  #expand(): void {
    this.expanded = !this.expanded;
  }

  #seek({ position, duration, bufferedTo, status }: PlayerState) {
    const at = this.sliding ?? position;
    return html`<div class="seek">
      <span class="time" aria-hidden="true">${clockTime(at)}</span>
      <encore-slider
        label="Seek"
        text="${spokenTime(at)} of ${spokenTime(duration)}"
        .value=${at}
        .max=${duration}
        .step=${1}
        .loaded=${bufferedTo}
        ?disabled=${status === "failed" || duration === 0}
        @encore-slide=${({ detail }: CustomEvent<number>) => {
          this.sliding = detail;
        }}
        @encore-slid=${this.#slid}
      ></encore-slider>
      <span class="time" aria-hidden="true">${clockTime(duration)}</span>
    </div>`;
  }

  #slid({ detail }: CustomEvent<number>): void {
    this.sliding = undefined;
    this.app.playback.seek(detail);
  }

  #extras() {
    const { level, muted } = this.#volume.value;
    const heard = muted ? 0 : level;
    const { playback } = this.app;
    return html`<div class="extras">
      <button type="button" class="icon" aria-label="Mute" aria-pressed=${muted ? "true" : "false"} title="Mute" @click=${playback.toggleMute}>
        ${heard === 0 ? icons.muted : icons.volume}
      </button>
      <encore-slider label="Volume" text="${Math.round(heard * 100)} %" .value=${heard} .max=${1} .step=${0.05}
        @encore-slide=${({ detail }: CustomEvent<number>) => playback.setVolume(detail)}></encore-slider>
    </div>`;
  }
}

customElements.define("encore-player-bar", EncorePlayerBar);
