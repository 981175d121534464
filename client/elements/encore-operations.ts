import { css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Connection, OpsSummary } from "../../core/contract/ops.ts";
import { createLoader } from "../state/loader.ts";
import { createPager } from "../state/pager.ts";
import { EncorePage } from "./element.ts";
import "./encore-more.ts";
import { counted, dateTime } from "./format.ts";
import { emptyNotice, failedNotice, loadingNotice } from "./notices.ts";

/** Numbers and list are asked for anew so often, in milliseconds. */
const refreshMs = 5_000;
const pageSize = 50;
/** A list that was read further than this is asked for anew by hand alone. */
const followedRows = 200;

const kinds = { live: "Live session", stream: "Streams audio" } as const;

/** For operators: what is connected where, and the end of it. */
export class EncoreOperations extends EncorePage {
  static override styles = [
    EncorePage.styles,
    css`
      .numbers {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr));
        gap: var(--space-4);
      }
      .numbers div {
        padding: var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius-s);
        background: var(--surface);
      }
      dt {
        color: var(--muted);
      }
      dd {
        margin: 0;
        font-size: 1.75rem;
        font-weight: 700;
        font-variant-numeric: tabular-nums;
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-4);
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-3) 0;
      }
      li + li {
        border-top: 1px solid var(--line);
      }
      li > span {
        display: grid;
        min-width: 0;
      }
      code {
        font-size: 0.85em;
      }
    `,
  ];

  readonly #summary = createLoader<OpsSummary>((_input, signal) => this.app.api.opsSummary(signal));
  readonly #numbers = this.watch(() => this.#summary.state);
  readonly #connections = createPager((_query: "all", cursor, signal) =>
    this.app.api.connections({ limit: pageSize, ...(cursor ? { cursor } : {}) }, signal),
  );
  readonly #list = this.watch(() => this.#connections.state);
  #refresh: ReturnType<typeof setInterval> | undefined;

  protected override get heading() {
    return "Operations";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#summary.load();
    void this.#connections.restart("all");
    this.#refresh = setInterval(() => this.#follow(), refreshMs);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#refresh);
  }

  #follow(): void {
    if (document.hidden) return;
    void this.#summary.load();
    if (this.#list.value.items.length <= followedRows) void this.#connections.refresh();
  }

  async #look(): Promise<void> {
    await Promise.all([this.#summary.load(), this.#connections.refresh()]);
  }

  override render() {
    return html`<div class="page">
      <h1 tabindex="-1">Operations</h1>
      ${this.#glance()}
      <section aria-labelledby="connections">
        <div class="head">
          <h2 id="connections" tabindex="-1">Connections</h2>
          <button type="button" @click=${() => this.#look()}>Refresh</button>
        </div>
        ${this.#table()}
      </section>
    </div>`;
  }

  #glance() {
    const state = this.#numbers.value;
    if (state.kind === "failed") return failedNotice(state.error, () => void this.#summary.load());
    if (!("value" in state) || !state.value) return loadingNotice("numbers");
    const { connections, users, endpoints } = state.value;
    const number = (name: string, value: number) =>
      html`<div><dt>${name}</dt><dd>${value.toLocaleString()}</dd></div>`;
    return html`<dl class="numbers" aria-label="At a glance">
        ${number("Live connections", connections.live)} ${number("Streaming devices", connections.stream)}
        ${number("Users", users)} ${number("Endpoints", endpoints.filter(({ alive }) => alive).length)}
      </dl>
      <section aria-labelledby="endpoints">
        <h2 id="endpoints">Endpoints</h2>
        <ul>
          ${endpoints.map(
            ({ endpointId, kind, alive, connections: count }) => html`<li>
              <span>${kind === "node" ? "Node" : "Gateway"} <code>${endpointId}</code>
                ${alive ? nothing : html`<span class="badge">its lease has lapsed</span>`}</span>
              <span class="muted">${counted(count, "connection")}</span>
            </li>`,
          )}
        </ul>
      </section>`;
  }

  #table() {
    const { items, status, more, error } = this.#list.value;
    if (status === "failed") return failedNotice(error, () => void this.#connections.more());
    if (items.length === 0)
      return status === "ready" ? emptyNotice("Nobody is connected") : loadingNotice("connections");
    return html`<ul aria-label="Connections">
        ${repeat(
          items,
          ({ connectionId }) => connectionId,
          (connection) => this.#connection(connection),
        )}
      </ul>
      ${more ? html`<encore-more ?busy=${status === "loading"} @encore-more=${() => this.#connections.more()}></encore-more>` : nothing}`;
  }

  #connection(connection: Connection) {
    const { kind, deviceName, userId, since } = connection;
    const device = deviceName || "A device without a name";
    return html`<li>
      <span>
        <span>${device} <span class="muted small">· ${kinds[kind]} since ${dateTime(since)}</span></span>
        <span class="muted small">User <code>${userId}</code></span>
      </span>
      <button type="button" class="danger" aria-label="End the connection of ${device}" @click=${({ currentTarget }: Event) => this.#end(connection, currentTarget as HTMLElement)}>End</button>
    </li>`;
  }

  /** Ends the session with it: the device must sign in again. */
  async #end({ connectionId }: Connection, button: HTMLElement): Promise<void> {
    const row = button.closest("li");
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    try {
      await this.app.api.endConnection(connectionId);
    } catch (error) {
      this.app.report(error);
    }
    await this.#look();
    await this.updateComplete;
    // The focus went with the row.
    if (row?.isConnected) return;
    const next = neighbour?.isConnected ? neighbour.querySelector("button") : null;
    (next ?? this.renderRoot.querySelector<HTMLElement>("#connections"))?.focus();
  }
}

customElements.define("encore-operations", EncoreOperations);
