import type { ReactiveController } from "lit";
import type { EncoreElement } from "./element.ts";

/** Fetches anew what an element shows of the catalogue when that has changed, while the element and its page are seen. */
export const followCatalogue = (host: EncoreElement, refresh: () => void): void =>
  host.addController(new CatalogueFollower(host, refresh));

class CatalogueFollower implements ReactiveController {
  readonly #host: EncoreElement;
  readonly #refresh: () => void;
  #seen: number | undefined;
  #stop = () => {};

  constructor(host: EncoreElement, refresh: () => void) {
    this.#host = host;
    this.#refresh = refresh;
  }

  hostConnected(): void {
    const { version } = this.#host.app.catalogue;
    this.#seen ??= version.get();
    this.#stop = version.subscribe(this.#follow);
    document.addEventListener("visibilitychange", this.#follow);
    // An element that was put aside with its page comes back with what it had.
    this.#follow();
  }

  hostDisconnected(): void {
    this.#stop();
    document.removeEventListener("visibilitychange", this.#follow);
  }

  readonly #follow = (): void => {
    const now = this.#host.app.catalogue.version.get();
    if (document.hidden || this.#seen === now) return;
    this.#seen = now;
    this.#refresh();
  };
}
