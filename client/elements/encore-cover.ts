import { css, html, LitElement, type PropertyValues } from "lit";
import { coverQueue } from "../cover-queue.ts";
import { coverOfSize, coverSizes } from "../covers.ts";
import { icons } from "./icons.ts";

/** So far outside of what is seen a cover begins to load. */
const margin = "300px";

/**
 * A square cover, or a quiet stand-in where there is none, or none yet: it waits in the queue of covers when it comes near
 * what is seen. Decorative: the title stands beside it.
 *
 * @property {string | undefined} src path of the picture
 * @property {string} sizes how wide it is shown, as the attribute of `<img>` has it
 * @cssprop --cover-radius corner radius
 * @csspart picture the image
 */
export class EncoreCover extends LitElement {
  static override properties = { src: {}, sizes: {}, wanted: { state: true }, broken: { state: true } };
  static override styles = css`
    :host {
      display: grid;
      place-items: center;
      aspect-ratio: 1;
      overflow: hidden;
      border-radius: var(--cover-radius, var(--radius-s));
      background: var(--accent-soft);
      color: var(--accent);
    }
    img {
      display: block;
      width: 100%;
      height: 100%;
      object-fit: cover;
    }
    svg {
      width: 40%;
      height: 40%;
      fill: currentColor;
    }
  `;

  declare src: string | undefined;
  declare sizes: string;
  /** The picture that may load or has. */
  declare wanted: string | undefined;
  declare broken: string | undefined;
  #leaveQueue = () => {};
  readonly #observer = new IntersectionObserver((entries) => this.#look(entries), { rootMargin: margin });

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
    this.#leaveQueue();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("src")) return;
    // So that it tells once more whether this is seen.
    this.#observer.unobserve(this);
    this.#observer.observe(this);
  }

  #look(entries: readonly IntersectionObserverEntry[]): void {
    const { src } = this;
    // What loads goes on, and keeps its place until it has come.
    if (src && src === this.wanted) return;
    this.#leaveQueue();
    if (!src || !entries.at(-1)?.isIntersecting) return;
    this.#leaveQueue = coverQueue.request(() => {
      this.wanted = src;
    });
  }

  override render() {
    const { src } = this;
    if (!src || this.broken === src || this.wanted !== src) return icons.note;
    return html`<img
      part="picture"
      alt=""
      width="300"
      height="300"
      decoding="async"
      fetchpriority="low"
      sizes=${this.sizes}
      srcset=${coverSizes.map((pixels) => `${coverOfSize(src, pixels)} ${pixels}w`).join(", ")}
      src=${src}
      @load=${() => this.#leaveQueue()}
      @error=${() => {
        this.#leaveQueue();
        this.broken = src;
      }}
    />`;
  }
}

customElements.define("encore-cover", EncoreCover);
