import type { SignedIn } from "../core/contract/accounts.ts";
import { changePassword } from "../core/domain/accounts/change-password.ts";
import type { AccountsDeps, Caller } from "../core/domain/accounts/deps.ts";
import { endSession, listSessions } from "../core/domain/accounts/devices.ts";
import { lifetimes } from "../core/domain/accounts/lifetimes.ts";
import { login } from "../core/domain/accounts/login.ts";
import { logout } from "../core/domain/accounts/logout.ts";
import { changePlan, deleteMe, getMe, listPlans, patchMe } from "../core/domain/accounts/me.ts";
import { refreshSession } from "../core/domain/accounts/refresh.ts";
import { register } from "../core/domain/accounts/register.ts";
import type { SignedInSession } from "../core/domain/accounts/sessions.ts";
import { DomainError } from "../core/domain/errors.ts";
import { type CookieKind, cookieName, setCookie } from "../core/domain/shared/cookies.ts";
import { accessTokenOf } from "../core/domain/shared/http-credentials.ts";
import { type HttpDeps, Reply, restHandler } from "./http/handler.ts";
import type { HttpRequest } from "./http/request.ts";

export type AuthDeps = HttpDeps & AccountsDeps;

type SessionKind = "cookie" | "bearer";

/** How tokens travel: HttpOnly cookies for browsers, the body for other clients, never both. */
const inCookies = ({ cookies }: AuthDeps, session: SignedInSession): Reply<SignedIn> => {
  const { user, expiresIn, accessToken, refreshToken, deviceToken } = session;
  return new Reply({ user, expiresIn }, [
    setCookie(cookies, "access", accessToken, expiresIn),
    setCookie(cookies, "refresh", refreshToken, lifetimes.sessionIdle),
    ...deviceCookie({ cookies }, deviceToken),
  ]);
};
const deviceCookie = ({ cookies }: Pick<AuthDeps, "cookies">, token: string | undefined): string[] =>
  token === undefined ? [] : [setCookie(cookies, "device", token, lifetimes.device)];
const inBody = ({ sessionId: _, ...session }: SignedInSession): Reply<SignedIn> => new Reply(session, []);

const answer = (deps: AuthDeps, kind: SessionKind = "cookie", session: SignedInSession) =>
  kind === "bearer" ? inBody(session) : inCookies(deps, session);

const withoutCookies = ({ cookies }: HttpDeps): Reply<undefined> =>
  new Reply(undefined, [setCookie(cookies, "access", "", 0), setCookie(cookies, "refresh", "", 0)]);

const cookieOf = (
  { cookies: policy }: HttpDeps,
  { cookies }: HttpRequest,
  kind: CookieKind,
): string | undefined => cookies.get(cookieName(policy, kind));

/** A browser's cookies are about to be written over, so the session that they hold ends. */
function callerOf(
  deps: AuthDeps,
  { session = "cookie", deviceToken }: { session?: SessionKind; deviceToken?: string },
  request: HttpRequest,
): Caller {
  const { address, userAgent, signal } = request;
  const tokens = {
    accessToken: cookieOf(deps, request, "access"),
    refreshToken: cookieOf(deps, request, "refresh"),
  };
  return {
    address,
    userAgent,
    signal,
    deviceToken: deviceToken ?? cookieOf(deps, request, "device"),
    ...(session === "cookie" && { replaces: tokens }),
  };
}

async function refresh(
  deps: AuthDeps,
  _actor: undefined,
  { refreshToken }: { refreshToken?: string },
  request: HttpRequest,
): Promise<Reply<SignedIn>> {
  if (refreshToken !== undefined) return inBody(await refreshSession(deps, refreshToken));
  const cookie = cookieOf(deps, request, "refresh");
  if (cookie === undefined) throw new DomainError("not-signed-in");
  return inCookies(deps, await refreshSession(deps, cookie, cookieOf(deps, request, "device")));
}

/** A browser is signed out whatever its cookies were worth; another client is told when its token was no good. */
async function signOut(deps: AuthDeps, request: HttpRequest): Promise<Reply<undefined>> {
  const accessToken = accessTokenOf(deps.cookies, request);
  const refreshToken = request.bearer === undefined ? cookieOf(deps, request, "refresh") : undefined;
  const byCookie = request.bearer === undefined && (accessToken ?? refreshToken) !== undefined;
  await logout(deps, { accessToken, refreshToken }).catch((error: unknown) => {
    if (!byCookie || !(error instanceof DomainError)) throw error;
  });
  return withoutCookies(deps);
}

export const createAuthHandler = restHandler<"auth", AuthDeps>("auth", {
  register: async (deps, actor, input, request) =>
    answer(deps, input.session, await register(deps, actor, input, callerOf(deps, input, request))),
  login: async (deps, actor, input, request) =>
    answer(deps, input.session, await login(deps, actor, input, callerOf(deps, input, request))),
  refresh,
  logout: (deps, _actor, _input, request) => signOut(deps, request),
  getMe,
  patchMe,
  deleteMe: async (deps, actor) => {
    await deleteMe(deps, actor);
    return withoutCookies(deps);
  },
  changePassword: async (deps, actor, input, request) => {
    const caller = { ...request, deviceToken: cookieOf(deps, request, "device") };
    const deviceToken = await changePassword(deps, actor, input, caller);
    return new Reply(undefined, deviceCookie(deps, deviceToken));
  },
  changePlan,
  listSessions,
  endSession: async (deps, actor, input) => {
    await endSession(deps, actor, input);
    return undefined;
  },
  listPlans,
});
