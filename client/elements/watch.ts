import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Readable } from "../state/store.ts";

/** Renders its element anew whenever a store changes; listens only while the element is in the document. */
export class Watch<T> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #source: () => Readable<T>;
  #stop = () => {};

  constructor(host: ReactiveControllerHost, source: () => Readable<T>) {
    this.#host = host;
    this.#source = source;
    host.addController(this);
  }

  get value(): T {
    return this.#source().get();
  }

  hostConnected(): void {
    this.#stop = this.#source().subscribe(() => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#stop();
  }
}
