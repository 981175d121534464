import { css, html } from "lit";
import type { Session } from "../../core/contract/accounts.ts";
import { createLoader } from "../state/loader.ts";
import { EncoreElement } from "./element.ts";
import { dateTime } from "./format.ts";
import { icons } from "./icons.ts";
import { failedNotice, loadingNotice } from "./notices.ts";

/** The devices that are signed in; each can be signed out from here. */
export class EncoreSessions extends EncoreElement {
  static override styles = [
    EncoreElement.styles,
    css`
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-3);
        min-height: 4rem;
        padding: var(--space-2) 0;
      }
      li + li {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  readonly #sessions = createLoader<Session[]>(
    async (_input, signal) => (await this.app.api.sessions(signal)).items,
  );
  readonly #state = this.watch(() => this.#sessions.state);

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#sessions.load();
  }

  override render() {
    const state = this.#state.value;
    if (state.kind === "failed") return failedNotice(state.error, () => void this.#sessions.load());
    if (!("value" in state) || !state.value) return loadingNotice("devices");
    return html`<ul aria-label="Signed-in devices">${state.value.map((session) => this.#session(session))}</ul>`;
  }

  #session({ sessionId, deviceName, lastUsedAt, current }: Session) {
    return html`<li>
      ${icons.device}
      <span>
        <span>${deviceName}</span>
        <span class="muted small">${current ? " · this device" : ` · last used ${dateTime(lastUsedAt)}`}</span>
      </span>
      <button type="button" aria-label="Sign out ${deviceName}" @click=${() => this.#end(sessionId, current)}>Sign out</button>
    </li>`;
  }

  async #end(sessionId: string, current: boolean): Promise<void> {
    if (current) return this.app.session.logout();
    try {
      await this.app.api.endSession(sessionId);
    } catch (error) {
      this.app.report(error);
    }
    await this.#sessions.load();
  }
}

customElements.define("encore-sessions", EncoreSessions);
