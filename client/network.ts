import { createApi } from "./api.ts";
import type { ClientClock } from "./clock.ts";
import { callOnce, createHttp } from "./http.ts";
import { createProbe } from "./probe.ts";
import { type AccessCookieStore, createRenewal, type Exclusive } from "./renewal.ts";
import { createServerClock } from "./server-clock.ts";

/**
 * All that goes to the server by HTTP: the API, the access cookie, and what is wrong with audio; and the server's time,
 * which each answer tells.
 *
 * @param signedOut told when the session turns out to be over
 */
export function createNetwork(deps: {
  fetch: typeof fetch;
  clock: ClientClock;
  random: () => number;
  exclusive: Exclusive;
  accessCookie: AccessCookieStore;
  signedOut: () => void;
}) {
  const { clock } = deps;
  const serverClock = createServerClock(clock);
  const fetch: typeof deps.fetch = async (input, init) => {
    const response = await deps.fetch(input, init);
    serverClock.hear(response);
    return response;
  };
  const renewal = createRenewal({
    ...deps,
    refresh: () => callOnce({ fetch, clock }, "/api/auth/refresh", { method: "POST" }),
    serverNow: serverClock.now,
  });
  const { current: currentCookie, renew } = renewal;
  const http = createHttp({ ...deps, fetch, currentCookie, renew });

  return {
    api: createApi(http),
    renewal,
    probe: createProbe({ fetch, clock, currentCookie, renew }),
    serverNow: serverClock.now,
    /** This page's measure of time may have stood still, as in a computer that slept: asks the server for its time. */
    async wake(): Promise<void> {
      await fetch("/healthz");
      await renewal.ensureFresh();
    },
  };
}
