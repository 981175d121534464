import { html, nothing, type PropertyValues } from "lit";
import { cache } from "lit/directives/cache.js";
import type { Role, User } from "../../core/contract/accounts.ts";
import type { View } from "../../core/domain/views.ts";
import { messageOf } from "../failure.ts";
import { listenForShortcuts } from "../shortcuts.ts";
import { appStyles } from "./app-styles.ts";
import { EncoreElement, EncorePage } from "./element.ts";
import "./encore-account.ts";
import "./encore-album-page.ts";
import "./encore-albums.ts";
import "./encore-artist-page.ts";
import "./encore-handoff.ts";
import "./encore-help.ts";
import type { EncoreHelp } from "./encore-help.ts";
import { EncoreLibrary } from "./encore-library.ts";
import "./encore-live-indicator.ts";
import "./encore-not-found.ts";
import "./encore-operations.ts";
import "./encore-player-bar.ts";
import "./encore-sign-in.ts";
import "./encore-subscriptions.ts";
import "./encore-toasts.ts";
import { icons } from "./icons.ts";

const links = [
  { href: "/", text: "Library", icon: icons.songs, pages: ["library"] },
  { href: "/albums", text: "Albums", icon: icons.albums, pages: ["albums", "album", "artist", "song"] },
  { href: "/subscriptions", text: "Subscriptions", icon: icons.heart, pages: ["subscriptions"] },
  { href: "/account", text: "Account", icon: icons.person, pages: ["account"] },
] as const;
const opsLink = {
  href: "/operations",
  text: "Operations",
  icon: icons.device,
  pages: ["operations"],
} as const;

const isEntrance = ({ page }: View): boolean => page === "sign-in" || page === "register";

/** The whole player: who is signed in decides between the entrance and the house. */
export class EncoreApp extends EncoreElement {
  static override styles = [EncoreElement.styles, appStyles];

  readonly #session = this.watch(({ session }) => session.state);
  readonly #route = this.watch(({ router }) => router.route);
  #place = "";

  override connectedCallback(): void {
    super.connectedCallback();
    listenForShortcuts(document, this.app, {
      search: () => this.#search(),
      help: () => this.renderRoot.querySelector<EncoreHelp>("encore-help")?.open(),
    });
  }

  override render() {
    const session = this.#session.value;
    if (session.kind === "unknown") return html`<p class="notice" role="status">Encore</p>`;
    if (session.kind === "unreachable") return this.#unreachable(session.error);
    if (session.kind === "signed-out") return this.#entrance(session.reason);
    return this.#house(session.user);
  }

  #entrance(reason: string | undefined) {
    const { page } = this.#route.value;
    if (page === "not-found")
      return html`<main><encore-not-found .app=${this.app}></encore-not-found></main>`;
    const mode = page === "register" ? page : "login";
    return html`<encore-sign-in .app=${this.app} .reason=${reason} .mode=${mode}></encore-sign-in>`;
  }

  #unreachable(error: unknown) {
    return html`<main class="notice">
      <h1>Encore</h1>
      <p role="alert">${messageOf(error)}</p>
      <button type="button" class="primary" @click=${() => this.app.session.restore()}>Try again</button>
    </main>`;
  }

  #house({ role }: User) {
    const { app } = this;
    const shown = role === "ops" ? [...links, opsLink] : links;
    return html`
      <header>
        <button type="button" class="skip primary" @click=${this.#skip}>Skip to content</button>
        <a class="brand" href="/">Encore</a>
        <encore-live-indicator .app=${app}></encore-live-indicator>
      </header>
      <nav aria-label="Main">${shown.map((link) => this.#link(link))}</nav>
      <main tabindex="-1">${cache(this.#page(this.#route.value, role))}</main>
      <div class="messages"><encore-handoff .app=${app}></encore-handoff><encore-toasts .app=${app}></encore-toasts></div>
      <encore-player-bar .app=${app}></encore-player-bar>
      <encore-help .app=${app}></encore-help>
    `;
  }

  #link({ href, text, icon, pages }: (typeof links)[number] | typeof opsLink) {
    const here = pages.some((page) => page === this.#route.value.page);
    return html`<a href=${href} aria-current=${here ? "page" : nothing}>${icon}<span>${text}</span></a>`;
  }

  #page(route: View, role: Role) {
    const { app } = this;
    if (route.page === "library") return html`<encore-library .app=${app} .q=${route.q}></encore-library>`;
    if (route.page === "albums") return html`<encore-albums .app=${app}></encore-albums>`;
    if (route.page === "album")
      return html`<encore-album-page .app=${app} .albumId=${route.id}></encore-album-page>`;
    if (route.page === "artist")
      return html`<encore-artist-page .app=${app} .artistId=${route.id}></encore-artist-page>`;
    if (route.page === "song")
      return html`<encore-album-page .app=${app} .songId=${route.id}></encore-album-page>`;
    if (route.page === "subscriptions")
      return html`<encore-subscriptions .app=${app}></encore-subscriptions>`;
    if (route.page === "account") return html`<encore-account .app=${app}></encore-account>`;
    if (route.page === "operations" && role === "ops")
      return html`<encore-operations .app=${app}></encore-operations>`;
    if (isEntrance(route)) return html`<encore-library .app=${app} .q=${""}></encore-library>`;
    return html`<encore-not-found .app=${app}></encore-not-found>`;
  }

  /** A new page takes the focus with its heading, as a page load would. */
  protected override updated(_changed: PropertyValues): void {
    const route = this.#route.value;
    const place = `${this.#session.value.kind} ${route.page} ${"id" in route ? route.id : ""}`;
    // A page load has its own focus; signing in and out takes away what had it.
    const arrived = this.#place.startsWith("signed-") && place !== this.#place;
    this.#place = place;
    if (this.#session.value.kind === "signed-in" && isEntrance(route)) this.app.router.replace("/");
    if (!arrived) return;
    const page = this.renderRoot.querySelector("main")?.firstElementChild;
    if (page instanceof EncorePage) void page.focusHeading();
  }

  /** A button: a link's fragment would not reach into this shadow root. */
  #skip(): void {
    this.renderRoot.querySelector("main")?.focus();
  }

  async #search(): Promise<void> {
    if (this.#route.value.page !== "library") this.app.router.navigate("/");
    await this.updateComplete;
    const page = this.renderRoot.querySelector("encore-library");
    if (!(page instanceof EncoreLibrary)) return;
    await page.updateComplete;
    page.focusSearch();
  }
}

customElements.define("encore-app", EncoreApp);

declare global {
  interface HTMLElementTagNameMap {
    "encore-app": EncoreApp;
  }
}
