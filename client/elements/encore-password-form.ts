import { css, html, nothing, type PropertyDeclarations } from "lit";
import { ApiFailure, messageOf } from "../failure.ts";
import { EncoreElement } from "./element.ts";

/** Changes the password; every other session ends with it. */
export class EncorePasswordForm extends EncoreElement {
  static override properties: PropertyDeclarations = { busy: { state: true }, error: { state: true } };
  static override styles = [
    EncoreElement.styles,
    css`
      form {
        display: grid;
        gap: var(--space-4);
        max-width: 30rem;
      }
      button {
        justify-self: start;
      }
    `,
  ];

  declare busy: boolean;
  declare error: unknown;

  readonly #user = this.watch(({ session }) => session.user);

  override render() {
    const weak = isWeakPassword(this.error) ? this.error.message : undefined;
    return html`<form @submit=${this.#submit} aria-label="Change password">
      <input type="email" autocomplete="username" .value=${this.#user.value?.email ?? ""} hidden readonly />
      <div class="field">
        <label for="current">Current password</label>
        <input id="current" name="current" type="password" required maxlength="256" autocomplete="current-password" />
      </div>
      <div class="field">
        <label for="next">New password</label>
        <input id="next" name="next" type="password" required maxlength="256" autocomplete="new-password" aria-invalid=${weak ? "true" : "false"} aria-describedby="hint" />
        <p id="hint" class=${weak ? "error" : "muted small"}>${weak ?? "At least 8 characters. Other devices are signed out."}</p>
      </div>
      ${this.error && !weak ? html`<p class="error" role="alert">${messageOf(this.error)}</p>` : nothing}
      <button ?disabled=${this.busy}>Change password</button>
    </form>`;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    this.busy = true;
    this.error = undefined;
    try {
      await this.app.session.changePassword({
        currentPassword: String(data.get("current")),
        newPassword: String(data.get("next")),
      });
      form.reset();
      this.app.toasts.show("Password changed. Other devices are signed out.");
    } catch (error) {
      this.error = error;
    }
    this.busy = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }
}

const isWeakPassword = (error: unknown): error is ApiFailure =>
  error instanceof ApiFailure && error.kind === "weak-password";

customElements.define("encore-password-form", EncorePasswordForm);
