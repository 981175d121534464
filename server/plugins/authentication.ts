import jwt, { type TokenOrHeader } from "@fastify/jwt";
import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { LRUCache } from "lru-cache";
import type { SessionIdentity } from "../../core/domain/accounts/ports.ts";
import { accessTokenRules, type PublicKeys } from "../../core/domain/accounts/tokens.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { type CookiePolicy, parseCookies } from "../../core/domain/shared/cookies.ts";
import { accessTokenOf, bearerOf } from "../../core/domain/shared/http-credentials.ts";

export type AuthenticationOptions = { readonly publicKeys: PublicKeys; readonly cookies: CookiePolicy };

type Claims = {
  readonly sub: string;
  readonly sid: string;
  readonly email: string;
  /** Seconds since the epoch. */
  readonly exp: number;
};

/** A token that was checked. */
type Known = { readonly identity: SessionIdentity; readonly endsAtMs: number };

declare module "@fastify/jwt" {
  interface FastifyJWT {
    payload: Claims;
    user: Claims;
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /**
     * Whom the request's access token names, at once where the token was checked before; whether the session still lives
     * is not known here.
     * @throws (or rejects) DomainError `not-signed-in`
     */
    identify(): SessionIdentity | Promise<SessionIdentity>;
  }
}

/** A player asks for many ranges with one token, whose signature costs more to check than the range to send. */
const rememberedTokens = 10_000;

export const authentication = fp<AuthenticationOptions>(
  async (app, { publicKeys, cookies }) => {
    const known = new LRUCache<string, Known>({ max: rememberedTokens });
    const tokenOf = (request: FastifyRequest) => accessTokenOf(cookies, credentialsOf(request));

    await app.register(jwt, {
      secret: { public: async (_request: FastifyRequest, token: TokenOrHeader) => keyFor(publicKeys, token) },
      decode: { complete: true },
      verify: { ...accessTokenRules, extractToken: tokenOf },
    });

    async function check(request: FastifyRequest, token: string): Promise<SessionIdentity> {
      const { sub, sid, email, exp } = await request.jwtVerify<Claims>().catch(() => {
        throw new DomainError("not-signed-in");
      });
      const checked = { identity: { userId: sub, sessionId: sid, email }, endsAtMs: exp * 1000 };
      known.set(token, checked);
      return identityOf(checked);
    }

    app.decorateRequest("identify", function identify(this: FastifyRequest) {
      const token = tokenOf(this);
      if (token === undefined) throw new DomainError("not-signed-in");
      const remembered = known.get(token);
      return remembered ? identityOf(remembered) : check(this, token);
    });
  },
  { name: "authentication" },
);

function identityOf({ identity, endsAtMs }: Known): SessionIdentity {
  if (endsAtMs <= Date.now()) throw new DomainError("not-signed-in");
  return identity;
}

function credentialsOf({ headers }: FastifyRequest) {
  return {
    origin: headers.origin,
    bearer: bearerOf(headers.authorization),
    cookies: parseCookies(headers.cookie?.split(";") ?? []),
  };
}

/** Only keys that the configuration names count, whatever a token says of itself. */
function keyFor(publicKeys: PublicKeys, token: TokenOrHeader): string {
  const { kid } = "header" in token ? token.header : token;
  const key = Object.hasOwn(publicKeys, String(kid)) ? publicKeys[String(kid)] : undefined;
  if (key === undefined) throw new DomainError("not-signed-in");
  return key;
}
