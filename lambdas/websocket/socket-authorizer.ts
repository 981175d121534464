import type { APIGatewayAuthorizerResult } from "aws-lambda";
import { DomainError } from "../../core/domain/errors.ts";
import {
  authenticateHandshake,
  type HandshakeCredentials,
  type HandshakeDeps,
} from "../../core/domain/live/protocol/handshake.ts";
import type { Log } from "../../core/domain/ports.ts";
import { type CookiePolicy, cookieName, parseCookies } from "../../core/domain/shared/cookies.ts";
import { bearerOf } from "../../core/domain/shared/http-credentials.ts";

export type SocketAuthorizerDeps = HandshakeDeps & { readonly cookies: CookiePolicy; readonly log: Log };

type Values = Readonly<Record<string, string | undefined>>;

/** What is used of a WebSocket API's `REQUEST` authoriser event. */
export type SocketAuthorizerEvent = {
  readonly methodArn: string;
  readonly headers?: Values | null;
  readonly queryStringParameters?: Values | null;
};

/**
 * Decides before the upgrade. API Gateway answers 401 where this throws `Unauthorized`, and 403 for a policy that
 * denies; the context names user and session to every later route.
 */
export const createSocketAuthorizer =
  (deps: SocketAuthorizerDeps) =>
  async (event: SocketAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    try {
      const { userId, sessionId } = await authenticateHandshake(deps, credentialsOf(deps.cookies, event));
      return { ...policy("Allow", event.methodArn, userId), context: { userId, sessionId } };
    } catch (error) {
      if (!(error instanceof DomainError))
        deps.log.error({ err: error }, "An upgrade could not be authorised");
      if (!(error instanceof DomainError)) throw error;
      if (error.toProblem().status === 403) return policy("Deny", event.methodArn, "nobody");
      throw new Error("Unauthorized");
    }
  };

const policy = (Effect: "Allow" | "Deny", Resource: string, principalId: string) => ({
  principalId,
  policyDocument: {
    Version: "2012-10-17",
    Statement: [{ Action: "execute-api:Invoke", Effect, Resource }],
  },
});

function credentialsOf(
  policyOfCookies: CookiePolicy,
  { headers, queryStringParameters }: SocketAuthorizerEvent,
): HandshakeCredentials {
  const byName = lowerCase(headers ?? {});
  const cookies = parseCookies(byName.get("cookie")?.split(";") ?? []);
  return {
    origin: byName.get("origin"),
    cookie: cookies.get(cookieName(policyOfCookies, "access")),
    bearer: bearerOf(byName.get("authorization")),
    ticket: queryStringParameters?.ticket,
  };
}

/** A WebSocket API hands headers on in the client's own spelling. */
const lowerCase = (headers: Values): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value] as const],
    ),
  );
