import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { restRoutes } from "../../lambdas/routes/rest.ts";
import type { Route } from "../../lambdas/routes/route.ts";
import { signUp } from "../support/accounts.ts";
import { createRandom, runSeed } from "../support/random.ts";
import { type Answer, ownOrigin, problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";

const seed = runSeed();
const random = createRandom(seed);
const requestsPerRoute = 60;

let world: RestWorld;
const tokens: (string | undefined)[] = [undefined, "", "x.y.z"];

beforeAll(async () => {
  world = await startRestWorld();
  for (const role of ["listener", "curator", "ops"] as const)
    tokens.push((await signUp(world.auth, { role, plan: "hifi" })).accessToken);
});
afterAll(() => world.close());

const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const chance = (probability: number): boolean => random() < probability;

const texts = [
  "",
  " ",
  "0",
  "-1",
  "1e999",
  "null",
  "a",
  "song#x",
  "head",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "\ud800",
  "é\u0301",
  "日本語",
  "🎵".repeat(40),
  "\uFDFA".repeat(200),
  "\u202Egpj",
  "\u3164",
  "x".repeat(3_000),
  "' OR 1=1 --",
  "<script>",
  "a@b",
  "someone@example.com",
];

/** JSON of any shape, small. */
function anything(depth = 0): unknown {
  const scalars = [null, true, 0, -1, 1.5, 1e308, pick(texts)];
  if (depth > 2 || chance(0.6)) return pick(scalars);
  if (chance(0.5)) return Array.from({ length: Math.floor(random() * 4) }, () => anything(depth + 1));
  return Object.fromEntries(
    Array.from({ length: Math.floor(random() * 4) }, () => [pick(texts), anything(depth + 1)]),
  );
}

/** What the route takes, then with a field or two changed, lost or added; or anything at all. */
function bodyFor({ operation }: Route): unknown {
  const good = goodBodies[operation];
  if (!good || chance(0.2)) return anything();
  const body: Record<string, unknown> = { ...good };
  for (const name of Object.keys(body)) if (chance(0.4)) body[name] = anything();
  if (chance(0.2)) delete body[pick(Object.keys(body))];
  if (chance(0.2)) body[pick(texts)] = anything();
  return body;
}

const goodBodies: Readonly<Record<string, object>> = {
  register: { email: "fuzz@example.com", password: "a long password", userName: "Fuzz", session: "bearer" },
  login: { email: "fuzz@example.com", password: "a long password", session: "bearer", deviceName: "x" },
  refresh: { refreshToken: "x.y" },
  patchMe: { userName: "Fuzz" },
  changePassword: { currentPassword: "a long password", newPassword: "another long one" },
  changePlan: { plan: "hifi" },
  patchSong: { title: "x", year: 2000, tier: "free" },
  startUpload: { fileName: "x.mp3", sizeBytes: 10, contentType: "audio/mpeg", sha256: "0".repeat(64) },
  putSubscription: { rating: 3, tags: ["a"], pinned: true },
  patchSubscription: { rating: null, tags: [] },
};

const rawBodies = [
  "{",
  "[]",
  '{"a":',
  '{"__proto__":{"role":"ops"}}',
  "\u0000",
  `"${"x".repeat(2_000)}"`,
  "1e400",
  `{"tags":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
  `{"a":${'{"a":'.repeat(10_000)}1${"}".repeat(10_001)}`,
];

function requestFor(route: Route) {
  const path = route.path.replaceAll(/\{[^}]+\}/g, () =>
    encodeURIComponent(pick(texts).toWellFormed() || "x"),
  );
  const names = ["q", "title", "limit", "cursor", "since", "epoch", "year", "userId", pick(texts)];
  const query = new URLSearchParams();
  while (chance(0.5)) query.append(pick(names), pick(texts).toWellFormed());
  const token = pick(tokens);
  const headers = {
    ...(chance(0.2) && { origin: pick([ownOrigin, "null", "https://evil.example"]) }),
    ...(chance(0.2) && { "if-match": pick(['"1"', '"x"', "*", '"99999999999999999999"']) }),
    ...(chance(0.2) && {
      "idempotency-key": pick(
        ["12345678", "short", "ä", "x".repeat(100)].filter((k) => /^[\x20-\x7e]*$/.test(k)),
      ),
    }),
    ...(chance(0.1) && {
      "content-type": pick(["text/plain", "application/json; charset=latin1", "multipart/form-data"]),
    }),
    ...(chance(0.1) && {
      cookie: pick(["encore-access=x", "encore-refresh=y; encore-access=", "=", "a=b;;;"]),
    }),
  };
  const hasBody = route.method !== "GET" && chance(0.9);
  const body = hasBody ? (chance(0.15) ? pick(rawBodies) : bodyFor(route)) : undefined;
  return {
    path: query.size > 0 ? `${path}?${query}` : path,
    request: { headers, ...(token !== undefined && { token }), ...(body !== undefined && { body }) },
  };
}

/** The gateway itself refuses what is no HTTP or far too long, as API Gateway does. */
const isGatewaysOwn = ({ status, headers }: Answer): boolean =>
  [404, 414, 431].includes(status) && headers["content-type"] === "application/json; charset=utf-8";

describe(`Whatever a route is sent (seed ${seed})`, () => {
  it.each(restRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s answers with a success or a problem document, and is never at fault",
    async (_, route) => {
      for (let count = 0; count < requestsPerRoute; count++) {
        const { path, request } = requestFor(route);
        const answer = await world.call(route.method, path, request);
        const what = `${route.method} ${path} ${JSON.stringify(request)}: ${answer.text.slice(0, 300)}`;
        expect(answer.status, what).toBeLessThan(500);
        if (answer.status >= 400 && !isGatewaysOwn(answer)) problemOf(answer);
        else if (answer.status < 400) expect([200, 201, 204], what).toContain(answer.status);
      }
    },
    30_000,
  );

  it("made nobody an operator or a curator", async () => {
    const [, , , listener] = tokens;
    const { status, body } = await world.call("GET", "/api/me", { token: listener ?? "" });
    if (status === 200) expect(body.role).toBe("listener");
    else expect(status).toBe(401);
  });
});
