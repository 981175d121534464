import { get } from "node:https";
import { type ApiClient, loginAt } from "../support/api-client.ts";
import { until } from "../support/until.ts";

/** How a response ended whose session was ended while nobody read it. */
export type Revoked = {
  /** Bytes that came, of those that were to come. */
  readonly got: number;
  readonly whole: number;
  /** From the request that ended the session to the end of the response (milliseconds). */
  readonly endedAfterMs: number;
};

/** Begins to hear a song, ends the session of it from another one, and then reads on. */
export async function revokeWhileHearing(
  url: string,
  songId: string,
  owner: { readonly client: ApiClient; readonly email: string; readonly password: string },
): Promise<Revoked> {
  const listener = await loginAt(url, owner.email, owner.password);
  const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${listener.accessToken}` };
    get(`${url}/stream/${songId}`, { headers, agent: false }, resolve).on("error", reject);
  });
  const whole = Number(response.headers["content-length"]);
  let got = 0;
  let ended: number | undefined;
  response.on("error", () => {});
  response.once("close", () => (ended = performance.now()));
  // Time enough for a proxy that reads ahead to have read all of it.
  await new Promise((resolve) => setTimeout(resolve, 3_000));

  const begunAt = performance.now();
  const { items } = await owner.client.get<{ items: { sessionId: string; current: boolean }[] }>(
    "/api/me/sessions",
  );
  for (const { sessionId, current } of items)
    if (!current) await owner.client.request("DELETE", `/api/me/sessions/${sessionId}`);
  response.on("data", (chunk: Buffer) => (got += chunk.length));
  await until("the response ends", () => ended !== undefined, 100_000);
  return { got, whole, endedAfterMs: Math.round((ended ?? 0) - begunAt) };
}
