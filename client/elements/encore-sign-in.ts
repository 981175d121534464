import { css, html, nothing, type PropertyDeclarations } from "lit";
import { ApiFailure, messageOf } from "../failure.ts";
import { EncoreElement } from "./element.ts";

type Mode = "login" | "register";
type FieldName = "email" | "password" | "userName";

/**
 * Opens an account or signs in. What the server refuses is told beside the field it concerns.
 *
 * @property {string | undefined} reason why the user is asked again
 * @property {"login" | "register"} mode what it begins with
 */
export class EncoreSignIn extends EncoreElement {
  static override properties: PropertyDeclarations = {
    reason: {},
    mode: {},
    busy: { state: true },
    error: { state: true },
  };
  static override styles = [
    EncoreElement.styles,
    css`
      :host {
        display: grid;
        place-content: center;
        min-height: 100dvh;
        padding: var(--space-5) var(--space-4);
      }
      main {
        display: grid;
        gap: var(--space-5);
        width: min(25rem, calc(100vw - 2rem));
      }
      .brand {
        color: var(--accent);
        font-weight: 800;
        letter-spacing: -0.02em;
      }
      h1 {
        font-size: var(--text-xxl);
        line-height: 1.1;
      }
      form {
        display: grid;
        gap: var(--space-4);
      }
      .switch {
        display: flex;
        align-items: center;
        gap: var(--space-2);
      }
      .switch button {
        padding: 0 var(--space-2);
        color: var(--accent);
      }
      button.primary {
        min-height: 3rem;
        font-size: var(--text-m);
      }
    `,
  ];

  declare reason: string | undefined;
  declare mode: Mode;
  declare busy: boolean;
  declare error: unknown;

  constructor() {
    super();
    this.mode = "login";
    this.busy = false;
  }

  protected override updated(): void {
    document.title = `${this.mode === "login" ? "Sign in" : "Create account"} · Encore`;
  }

  override render() {
    const login = this.mode === "login";
    return html`<main>
      <p class="brand">Encore</p>
      <h1>${login ? "Sign in" : "Create your account"}</h1>
      ${this.reason && !this.error ? html`<p role="status">${this.reason}</p>` : nothing}
      <form novalidate @submit=${this.#submit} aria-label=${login ? "Sign in" : "Create account"}>
        ${login ? nothing : this.#field("userName", "Your name", { type: "text", autocomplete: "name", maxlength: 64 })}
        ${this.#field("email", "E-mail", { type: "email", autocomplete: "username", maxlength: 254 })}
        ${this.#field("password", "Password", {
          type: "password",
          autocomplete: login ? "current-password" : "new-password",
          maxlength: 256,
          hint: login ? "" : "At least 8 characters. A short sentence is a good one.",
        })}
        ${this.#generalError()}
        <button class="primary" ?disabled=${this.busy}>${this.busy ? "One moment…" : login ? "Sign in" : "Create account"}</button>
      </form>
      <p class="switch muted">
        ${login ? "New to Encore?" : "You have an account?"}
        <button type="button" class="plain" @click=${this.#switch}>${login ? "Create an account" : "Sign in"}</button>
      </p>
    </main>`;
  }

  #field(
    name: FieldName,
    label: string,
    { hint = "", ...rest }: { type: string; autocomplete: string; maxlength: number; hint?: string },
  ) {
    const error = fieldErrors(this.error, this.mode).get(name);
    return html`<div class="field">
      <label for=${name}>${label}</label>
      <input id=${name} name=${name} required type=${rest.type} autocomplete=${rest.autocomplete} maxlength=${rest.maxlength}
        aria-invalid=${error ? "true" : "false"} aria-describedby="${name}-note" />
      <p id="${name}-note" class=${error ? "error" : "muted small"}>${error ?? hint}</p>
    </div>`;
  }

  #generalError() {
    if (!this.error || fieldErrors(this.error, this.mode).size > 0) return nothing;
    return html`<p class="error" role="alert">${messageOf(this.error)}</p>`;
  }

  #switch(): void {
    this.mode = this.mode === "login" ? "register" : "login";
    this.error = undefined;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    const text = (name: FieldName) => String(data.get(name) ?? "");
    const [email, password, userName] = [text("email"), text("password"), text("userName")];
    this.busy = true;
    this.error = undefined;
    try {
      const { session } = this.app;
      await (this.mode === "login"
        ? session.login({ email, password })
        : session.register({ email, password, userName }));
    } catch (error) {
      this.error = error;
    }
    this.busy = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }
}

const empty: Record<FieldName, string> = {
  email: "Enter an e-mail address, for example name@example.com.",
  password: "Enter a password.",
  userName: "Enter a name.",
};

/** Which field a refusal concerns, and what to say there. */
function fieldErrors(error: unknown, mode: Mode): Map<FieldName, string> {
  const found = new Map<FieldName, string>();
  if (!(error instanceof ApiFailure)) return found;
  if (error.kind === "email-taken") found.set("email", error.message);
  if (error.kind === "weak-password") found.set("password", error.message);
  if (error.kind !== "invalid-request") return found;
  for (const { path } of error.problem?.errors ?? []) {
    const name = fieldNames.find((field) => path.includes(field));
    if (name && (mode === "register" || name !== "userName")) found.set(name, empty[name]);
  }
  return found;
}

const fieldNames = Object.keys(empty) as FieldName[];

customElements.define("encore-sign-in", EncoreSignIn);
