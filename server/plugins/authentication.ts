import jwt, { type TokenOrHeader } from "@fastify/jwt";
import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { LRUCache } from "lru-cache";
import { type CookiePolicy, parseCookies } from "../../core/domain/accounts/cookies.ts";
import { accessTokenOf, bearerOf } from "../../core/domain/accounts/origin.ts";
import type { SessionIdentity } from "../../core/domain/accounts/ports.ts";
import { accessTokenRules, type PublicKeys } from "../../core/domain/accounts/tokens.ts";
import { DomainError } from "../../core/domain/errors.ts";

export type AuthenticationOptions = { readonly publicKeys: PublicKeys; readonly cookies: CookiePolicy };

type Claims = {
  readonly sub: string;
  readonly sid: string;
  readonly email: string;
  /** Seconds since the epoch. */
  readonly exp: number;
};

declare module "@fastify/jwt" {
  interface FastifyJWT {
    payload: Claims;
    user: Claims;
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /**
     * Whom the request's access token names; whether the session still lives is not known here.
     * @throws (rejects) DomainError `not-signed-in`
     */
    identify(): Promise<SessionIdentity>;
  }
}

/** A player asks for many ranges with one token, whose signature costs more to check than the range to send. */
const rememberedTokens = 10_000;

export const authentication = fp<AuthenticationOptions>(
  async (app, { publicKeys, cookies }) => {
    const known = new LRUCache<string, Claims>({ max: rememberedTokens });
    const tokenOf = (request: FastifyRequest) => accessTokenOf(cookies, credentialsOf(request));

    await app.register(jwt, {
      secret: { public: async (_request: FastifyRequest, token: TokenOrHeader) => keyFor(publicKeys, token) },
      decode: { complete: true },
      verify: { ...accessTokenRules, extractToken: tokenOf },
    });

    async function claimsOf(request: FastifyRequest, token: string): Promise<Claims> {
      const remembered = known.get(token);
      if (remembered) return remembered;
      const claims = await request.jwtVerify<Claims>().catch(() => {
        throw new DomainError("not-signed-in");
      });
      known.set(token, claims);
      return claims;
    }

    app.decorateRequest("identify", async function identify(this: FastifyRequest) {
      const token = tokenOf(this);
      if (token === undefined) throw new DomainError("not-signed-in");
      const { sub, sid, email, exp } = await claimsOf(this, token);
      if (exp * 1000 <= Date.now()) throw new DomainError("not-signed-in");
      return { userId: sub, sessionId: sid, email };
    });
  },
  { name: "authentication" },
);

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
