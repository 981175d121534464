import { type CSSResultGroup, LitElement, type PropertyDeclarations } from "lit";
import type { App } from "../app.ts";
import type { Readable } from "../state/store.ts";
import { controls } from "../styles/controls.ts";
import { Watch } from "./watch.ts";

/** What Encore's elements share: the app they show, and the common styles. */
export class EncoreElement extends LitElement {
  static override properties: PropertyDeclarations = { app: { attribute: false } };
  static override styles: CSSResultGroup = controls;

  declare app: App;

  /** Follows a store of the app; the picker runs when `app` and the other properties are set. */
  protected watch<T>(pick: (app: App) => Readable<T>): Watch<T> {
    return new Watch(this, () => pick(this.app));
  }
}

/** A view of its own: it names the document, and its heading takes the focus when one arrives. */
export abstract class EncorePage extends EncoreElement {
  /** Whether the heading still waits for the focus: what stands there while a page loads gives way to another. */
  #arriving = false;

  /** What the page is about; undefined while that is not known. */
  protected abstract get heading(): string | undefined;

  protected override updated(): void {
    if (this.#arriving) this.#focus();
    if (!this.heading) return;
    document.title = `${this.heading} · Encore`;
    this.#arriving = false;
  }

  async focusHeading(): Promise<void> {
    await this.updateComplete;
    this.#arriving = this.heading === undefined;
    this.renderRoot.querySelector("h1")?.focus({ preventScroll: true });
  }

  /** Unless it was put elsewhere meanwhile. */
  #focus(): void {
    const { activeElement } = this.getRootNode() as ShadowRoot;
    if (activeElement === null || activeElement === this)
      this.renderRoot.querySelector("h1")?.focus({ preventScroll: true });
  }
}
