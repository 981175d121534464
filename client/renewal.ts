import type { SignedIn } from "../core/contract/accounts.ts";
import type { ClientClock } from "./clock.ts";

/**
 * When the access cookie was last renewed and when it expires (milliseconds of the server's time, which all tabs share
 * and no setting of this device's clock changes), and whose it is. No secret.
 */
export type AccessCookie = {
  readonly renewedAt: number;
  readonly expiresAt: number;
  readonly userId?: string;
};

type Holding = Pick<SignedIn, "expiresIn"> & { readonly user: Pick<SignedIn["user"], "userId"> };

/** Where that is kept: storage that all tabs of a browser share. */
export type AccessCookieStore = {
  read(): AccessCookie | undefined;
  write(cookie: AccessCookie | undefined): void;
};

/** Runs work while no other tab does (Web Locks where there are any). */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

export type Renewal = ReturnType<typeof createRenewal>;

/** The cookie is renewed this long before it expires, so that no `<audio>` request ever meets a dead one. */
const marginMs = 60_000;

/** Two pages know the server's time to within so much of each other. */
const slackMs = 2_000;

/**
 * Keeps the access cookie alive: ahead of its expiry, and on demand after a 401. All callers of a tab share one
 * refresh; tabs take turns, and a tab that waited finds the work done.
 *
 * @param refresh `POST /api/auth/refresh`; throws when the session has ended
 * @param serverNow the server's time (milliseconds); undefined where it has not told it yet
 */
export function createRenewal(deps: {
  refresh: () => Promise<SignedIn>;
  accessCookie: AccessCookieStore;
  exclusive: Exclusive;
  clock: ClientClock;
  serverNow: () => number | undefined;
}) {
  const { accessCookie: store, clock } = deps;
  let flight: Promise<void> | undefined;
  let cancelTimer = () => {};

  /** When the cookie that calls send now was renewed: that names it. */
  const current = (): number | undefined => store.read()?.renewedAt;

  /** Milliseconds; nothing where its age is not known, as where the server's clock was put back. */
  function expiresIn(): number {
    const [cookie, now] = [store.read(), deps.serverNow()];
    if (!cookie || now === undefined || now < cookie.renewedAt - slackMs) return 0;
    return cookie.expiresAt - now;
  }

  function note({ expiresIn: seconds, user }: Holding): void {
    // Where the server tells no time, each cookie is renewed when it is needed.
    const now = deps.serverNow() ?? (current() ?? 0) + 1;
    store.write({ renewedAt: now, expiresAt: now + seconds * 1000, userId: user.userId });
  }

  /** Renews unless some tab has, so that another cookie than this one counts. */
  function renew(cookie: number | undefined): Promise<void> {
    flight ??= deps
      .exclusive(async () => {
        if (current() === cookie) note(await deps.refresh());
      })
      .finally(() => {
        flight = undefined;
      });
    return flight;
  }

  /** Resolves when the cookie is good for a while yet; to be awaited before audio is asked for. */
  const ensureFresh = async (): Promise<void> => {
    if (expiresIn() <= marginMs) await renew(current());
  };

  /** Renews ahead of each expiry until it is called off. A failure is left to the next call's 401. */
  function keepFresh(): () => void {
    cancelTimer();
    let stopped = false;
    const tick = async () => {
      await ensureFresh().catch(() => {});
      if (!stopped) cancelTimer = clock.after(Math.max(expiresIn() - marginMs, 10_000), tick);
    };
    void tick();
    return () => {
      stopped = true;
      cancelTimer();
    };
  }

  return {
    note,
    current,
    renew,
    ensureFresh,
    keepFresh,
    /** Whether somebody signed in with this browser and has not signed out since. */
    hasCookie: () => store.read() !== undefined,
    /** Whether the cookies are this user's: another tab may have signed out, and another user in. */
    isOf(userId: string): boolean {
      const cookie = store.read();
      return cookie !== undefined && (cookie.userId ?? userId) === userId;
    },
    forget: () => store.write(undefined),
  };
}
