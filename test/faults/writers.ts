import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Subscription, SubscriptionPage } from "../../core/contract/subscriptions.ts";
import { loginAt, registerAt } from "../support/api-client.ts";

/** What a listener noted about a song, as far as writers set it. */
type Settings = { readonly rating: number; readonly tags: readonly string[] };
type Song = { readonly songId: string; readonly bytes: Buffer };
type Wish = { readonly songId: string; readonly settings: Settings | undefined };

/** What a listener was told is saved, and what was asked and not answered yet. */
type ListenerRecord = {
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly acknowledged: ReadonlyMap<string, Settings>;
  readonly asked: Wish | undefined;
};

/** Everything that Encore has acknowledged up to one moment. */
export type Acknowledged = {
  readonly listeners: readonly ListenerRecord[];
  readonly songs: readonly Song[];
  /** Changes, accounts and songs in all. */
  readonly count: number;
};

type Options = {
  readonly random: () => number;
  /** Called in the turn in which an answer has come and was noted. */
  readonly onAcknowledged: () => void;
  /** Called with what no fault excuses. */
  readonly onFailure: (what: string) => void;
};

/**
 * People who use Encore all at once: listeners that change subscriptions one after the other, newcomers that register,
 * and a curator whose songs are given to `addSong`. What was asked and not answered is asked again under the same name.
 */
export function createWriters({ random, onAcknowledged, onFailure }: Options) {
  const listeners: Listener[] = [];
  const songs: Song[] = [];
  let url = "";
  let count = 0;
  let ended = false;
  let abandoned = false;

  const note = () => {
    count += 1;
    onAcknowledged();
  };

  return {
    /** Where Encore is from now on. */
    moveTo(next: string): void {
      url = next;
    },
    addSong(song: Song): void {
      songs.push(song);
      note();
    },
    async addListener(): Promise<void> {
      const password = `battery-staple-${randomUUID()}`;
      const { email, accessToken } = await registerAt(url, password);
      listeners.push(new Listener(email, password, accessToken));
      note();
    },
    /** Changes subscriptions until `end`; resolves when every listener has its last answer. */
    async run(): Promise<void> {
      ended = false;
      await Promise.all(listeners.map((listener) => write(listener)));
    },
    end(): void {
      ended = true;
    },
    /** Ends also what has no answer: Encore is gone. */
    abandon(): void {
      ended = true;
      abandoned = true;
    },
    acknowledged: (): Acknowledged => ({
      listeners: listeners.map((listener) => listener.record()),
      songs: [...songs],
      count,
    }),
    /** Resolves when every listener has had an answer after now. */
    async answered(): Promise<void> {
      await Promise.all(listeners.map((listener) => listener.nextAnswer()));
    },
  };

  async function write(listener: Listener): Promise<void> {
    while (!abandoned && (!ended || listener.asked)) {
      listener.asked ??= wishOf();
      const answer = await ask(listener).catch(() => undefined);
      if (answer?.ok) {
        listener.apply();
        note();
      } else await refused(answer);
      if (random() < 0.2) await wait(random() * 20);
    }
  }

  /** A full disk may refuse, and a stopped process may not answer; nothing else may happen. */
  async function refused(answer: Response | undefined): Promise<void> {
    if (answer && ![429, 503].includes(answer.status))
      onFailure(`A change was answered ${answer.status}: ${await answer.text()}`);
    await wait(50);
  }

  function wishOf(): Wish {
    const { songId } = songs[Math.floor(random() * songs.length)] as Song;
    if (random() < 0.2) return { songId, settings: undefined };
    const tags = random() < 0.5 ? [] : [`tag ${Math.floor(random() * 1000)}`.padEnd(40, "x")];
    return { songId, settings: { rating: 1 + Math.floor(random() * 5), tags } };
  }

  function ask({ accessToken, asked, changeId }: Listener): Promise<Response> {
    const { songId, settings } = asked as Wish;
    return fetch(`${url}/api/subscriptions/${songId}`, {
      method: settings ? "PUT" : "DELETE",
      headers: {
        authorization: `Bearer ${accessToken}`,
        "idempotency-key": changeId,
        ...(settings && { "content-type": "application/json" }),
      },
      ...(settings && { body: JSON.stringify(settings) }),
      signal: AbortSignal.timeout(60_000),
    });
  }
}

class Listener {
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  asked: Wish | undefined;
  readonly #acknowledged = new Map<string, Settings>();
  #changes = 0;
  #waiting: (() => void)[] = [];

  constructor(email: string, password: string, accessToken: string) {
    this.email = email;
    this.password = password;
    this.accessToken = accessToken;
  }

  /** Names the change that is asked for, also when it is asked for again. */
  get changeId(): string {
    return `change-${this.#changes}`;
  }

  /** The answer has come: what was asked for is saved. */
  apply(): void {
    const { songId, settings } = this.asked as Wish;
    if (settings) this.#acknowledged.set(songId, settings);
    else this.#acknowledged.delete(songId);
    this.asked = undefined;
    this.#changes += 1;
    for (const tell of this.#waiting.splice(0)) tell();
  }

  nextAnswer(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  record(): ListenerRecord {
    const { email, password, accessToken, asked } = this;
    return { email, password, accessToken, asked, acknowledged: new Map(this.#acknowledged) };
  }
}

/**
 * Holds what a running Encore has against what was acknowledged.
 * @returns what is missing or wrong, a line each
 */
export async function losses(
  url: string,
  { listeners, songs }: Acknowledged,
  hearing: string,
): Promise<string[]> {
  const found: string[] = [];
  for (const listener of listeners) found.push(...(await lossesOf(url, listener)));
  for (const { songId, bytes } of songs) {
    const answer = await fetch(`${url}/stream/${songId}`, {
      headers: { authorization: `Bearer ${hearing}` },
    });
    const body = Buffer.from(await answer.arrayBuffer().catch(() => new ArrayBuffer()));
    if (answer.status !== 200 || !body.equals(bytes))
      found.push(`Song ${songId}: ${answer.status}, ${body.length} of ${bytes.length} bytes or others`);
  }
  return found;
}

async function lossesOf(url: string, listener: ListenerRecord): Promise<string[]> {
  const { email, acknowledged, asked } = listener;
  const answer = await subscriptionsOf(url, listener);
  if (answer.status !== 200) return [`${email}: ${answer.status} ${await answer.text()}`];
  const page = (await answer.json()) as SubscriptionPage;
  const items = "items" in page ? page.items : [];
  if (sameAs(items, acknowledged)) return [];
  if (asked && sameAs(items, withWish(acknowledged, asked))) return [];
  return [
    `${email} at revision ${page.revision}: has ${JSON.stringify(items.map(({ songId, rating, tags }) => ({ songId, rating, tags })))}, was told ${JSON.stringify([...acknowledged])}, asked for ${JSON.stringify(asked)}`,
  ];
}

/** By the session of then, which must be there; its access token may have run out by now. */
async function subscriptionsOf(url: string, { email, password, accessToken }: ListenerRecord) {
  const ask = (token: string) =>
    fetch(`${url}/api/subscriptions`, { headers: { authorization: `Bearer ${token}` } });
  const answer = await ask(accessToken);
  if (answer.status !== 401 || !(await answer.clone().text()).includes("not-signed-in")) return answer;
  return ask((await loginAt(url, email, password)).accessToken);
}

function withWish(acknowledged: ReadonlyMap<string, Settings>, { songId, settings }: Wish) {
  const after = new Map(acknowledged);
  if (settings) after.set(songId, settings);
  else after.delete(songId);
  return after;
}

const sameAs = (items: readonly Subscription[], expected: ReadonlyMap<string, Settings>): boolean =>
  items.length === expected.size &&
  items.every(({ songId, rating, tags }) => {
    const settings = expected.get(songId);
    return settings?.rating === rating && settings?.tags.join() === tags.join();
  });
