import { EncorePage } from "./element.ts";
import { notFoundNotice } from "./notices.ts";

/** What stands at an address of no view. */
export class EncoreNotFound extends EncorePage {
  protected override get heading() {
    return "There is no such page";
  }

  override render() {
    return notFoundNotice(this.heading);
  }
}

customElements.define("encore-not-found", EncoreNotFound);
