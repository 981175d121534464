import { css, html, type PropertyDeclarations } from "lit";
import type { Plan, PlanName } from "../../core/contract/accounts.ts";
import { createLoader } from "../state/loader.ts";
import { EncoreElement } from "./element.ts";
import { counted } from "./format.ts";
import { failedNotice, loadingNotice } from "./notices.ts";

/** The plans side by side, and the way to another one. */
export class EncorePlanChooser extends EncoreElement {
  static override properties: PropertyDeclarations = { busy: { state: true } };
  static override styles = [
    EncoreElement.styles,
    css`
      ul.plans {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
        gap: var(--space-3);
      }
      .plan {
        display: grid;
        grid-template-rows: auto 1fr auto;
        gap: var(--space-3);
        padding: var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius-l);
        background: var(--surface);
      }
      .plan.current {
        border-color: var(--accent);
        box-shadow: 0 0 0 1px var(--accent);
      }
      @media (forced-colors: active) {
        .plan.current {
          outline: 3px solid Highlight;
        }
      }
      .plan ul {
        display: grid;
        align-content: start;
        gap: var(--space-1);
        color: var(--muted);
        font-size: var(--text-s);
      }
    `,
  ];

  declare busy: PlanName | undefined;

  readonly #plans = createLoader<Plan[]>(async (_input, signal) => (await this.app.api.plans(signal)).items);
  readonly #state = this.watch(() => this.#plans.state);
  readonly #user = this.watch(({ session }) => session.user);

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#plans.load();
  }

  override render() {
    const state = this.#state.value;
    if (state.kind === "failed") return failedNotice(state.error, () => void this.#plans.load());
    if (state.kind !== "ready") return loadingNotice("plans");
    return html`<ul class="plans" aria-label="Plans">${state.value.map((plan) => this.#plan(plan))}</ul>`;
  }

  #plan({ name, title, entitlements }: Plan) {
    const current = this.#user.value?.plan === name;
    const { fullSongs, subscriptions, devices } = entitlements;
    return html`<li class="plan ${current ? "current" : ""}" aria-current=${current ? "true" : "false"}>
      <h3>${title}</h3>
      <ul>
        <li>${fullSongs === "all" ? "Every song, whole" : "Free songs whole, 30 s previews of premium ones"}</li>
        <li>${counted(subscriptions, "subscription")}</li>
        <li>Plays on ${counted(devices, "device")} at once</li>
      </ul>
      <button type="button" class=${current ? "" : "primary"} ?disabled=${current || this.busy !== undefined} @click=${() => this.#choose(name, title)}>
        ${current ? "Your plan" : this.busy === name ? "One moment…" : `Choose ${title}`}
      </button>
    </li>`;
  }

  async #choose(name: PlanName, title: string): Promise<void> {
    this.busy = name;
    try {
      await this.app.session.changePlan(name);
      this.app.toasts.show(`You are on ${title} now`);
    } catch (error) {
      this.app.report(error);
    }
    this.busy = undefined;
  }
}

customElements.define("encore-plan-chooser", EncorePlanChooser);
