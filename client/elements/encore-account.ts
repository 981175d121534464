import { css, html, nothing, type PropertyDeclarations } from "lit";
import type { User } from "../../core/contract/accounts.ts";
import { messageOf } from "../failure.ts";
import { EncorePage } from "./element.ts";
import "./encore-password-form.ts";
import "./encore-plan-chooser.ts";
import "./encore-sessions.ts";

/** The account: name, plan, devices, password, and the way out. */
export class EncoreAccount extends EncorePage {
  static override properties: PropertyDeclarations = { confirming: { state: true }, error: { state: true } };
  static override styles = [
    EncorePage.styles,
    css`
      .page {
        max-width: 52rem;
        gap: var(--space-6);
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
      }
      .head > div {
        min-width: 0;
      }
      .name {
        display: flex;
        align-items: end;
        gap: var(--space-3);
        max-width: 30rem;
      }
      .name .field {
        flex: 1;
      }
    `,
  ];

  declare confirming: boolean;
  declare error: unknown;

  readonly #user = this.watch(({ session }) => session.user);

  protected override get heading() {
    return "Account";
  }

  override render() {
    const user = this.#user.value;
    if (!user) return nothing;
    return html`<div class="page">
      <div class="head">
        <div>
          <h1 tabindex="-1">Account</h1>
          <p class="muted">${user.email}</p>
        </div>
        <button type="button" @click=${() => this.app.session.logout()}>Log out</button>
      </div>
      ${this.#profile(user)}
      <section aria-labelledby="plan"><h2 id="plan">Plan</h2><encore-plan-chooser .app=${this.app}></encore-plan-chooser></section>
      <section aria-labelledby="devices"><h2 id="devices">Signed-in devices</h2><encore-sessions .app=${this.app}></encore-sessions></section>
      <section aria-labelledby="password"><h2 id="password">Password</h2><encore-password-form .app=${this.app}></encore-password-form></section>
      ${this.#deletion()}
    </div>`;
  }

  #profile({ userName }: User) {
    return html`<section aria-labelledby="profile">
      <h2 id="profile">Profile</h2>
      <form class="name" @submit=${this.#rename}>
        <div class="field">
          <label for="name">Name</label>
          <input id="name" name="userName" required maxlength="64" autocomplete="name" .value=${userName} />
        </div>
        <button>Save name</button>
      </form>
    </section>`;
  }

  #deletion() {
    const ask = (confirming: boolean) => () => {
      this.confirming = confirming;
    };
    return html`<section aria-labelledby="delete">
      <h2 id="delete">Delete account</h2>
      <p class="muted">Your subscriptions, ratings and tags go with it, for good.</p>
      <div class="toolbar">
        ${
          this.confirming
            ? html`<button type="button" class="danger" @click=${this.#delete}>Yes, delete everything</button>
              <button type="button" @click=${ask(false)}>Keep my account</button>`
            : html`<button type="button" class="danger" @click=${ask(true)}>Delete account…</button>`
        }
      </div>
      ${this.error ? html`<p class="error" role="alert">${messageOf(this.error)}</p>` : nothing}
    </section>`;
  }

  async #rename(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const userName = String(new FormData(event.target as HTMLFormElement).get("userName"));
    try {
      await this.app.session.rename(userName);
      this.app.toasts.show("Name saved");
    } catch (error) {
      this.app.report(error);
    }
  }

  async #delete(): Promise<void> {
    try {
      await this.app.session.deleteAccount();
    } catch (error) {
      this.error = error;
    }
  }
}

customElements.define("encore-account", EncoreAccount);
