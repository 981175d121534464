import { css, html, LitElement } from "lit";
import { coverOfSize, coverSizes } from "../covers.ts";
import { icons } from "./icons.ts";

/**
 * A square cover, or a quiet stand-in where there is none. Decorative: the title stands beside it.
 *
 * @property {string | undefined} src path of the picture
 * @property {string} sizes how wide it is shown, as the attribute of `<img>` has it
 * @property {boolean} eager load at once, for what is in view from the start
 * @cssprop --cover-radius corner radius
 * @csspart picture the image
 */
export class EncoreCover extends LitElement {
  static override properties = { src: {}, sizes: {}, eager: { type: Boolean }, broken: { state: true } };
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
  declare eager: boolean;
  declare broken: string | undefined;

  override render() {
    if (!this.src || this.broken === this.src) return icons.note;
    return html`<img
      part="picture"
      alt=""
      width="300"
      height="300"
      decoding="async"
      loading=${this.eager ? "eager" : "lazy"}
      sizes=${this.sizes}
      srcset=${coverSizes.map((pixels) => `${coverOfSize(this.src ?? "", pixels)} ${pixels}w`).join(", ")}
      src=${this.src}
      @error=${() => {
        this.broken = this.src;
      }}
    />`;
  }
}

customElements.define("encore-cover", EncoreCover);
