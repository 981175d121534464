import type { APIGatewayAuthorizerResult, PolicyDocument, Statement } from "aws-lambda";
import { type Handler, type InvokeOptions, invoke } from "./invoke.ts";
import type { AuthorizerContext, WebSocketAuthorizerEvent } from "./websocket-events.ts";

export type Authorizer = Handler<WebSocketAuthorizerEvent, APIGatewayAuthorizerResult>;

/** `status` is what the upgrade is refused with. */
export type Decision =
  | { readonly allowed: true; readonly context: AuthorizerContext }
  | { readonly allowed: false; readonly status: 401 | 403 | 500 };

/**
 * Asks a REQUEST authorizer: 403 where its policy does not allow the call, 401 where it throws `Unauthorized`,
 * 500 where it fails otherwise or answers what API Gateway cannot read.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 */
export async function authorize(
  authorizer: Authorizer,
  event: WebSocketAuthorizerEvent,
  options: InvokeOptions,
): Promise<Decision> {
  const started = Date.now();
  const ask: Handler<WebSocketAuthorizerEvent, APIGatewayAuthorizerResult | "Unauthorized"> = (...call) =>
    authorizer(...call).catch(asUnauthorized);
  const result = await invoke(ask, event, options).catch(() => undefined);
  if (result === "Unauthorized") return { allowed: false, status: 401 };
  if (!isReadable(result)) return { allowed: false, status: 500 };
  if (!allows(result.policyDocument, event.methodArn)) return { allowed: false, status: 403 };
  return { allowed: true, context: toContext(result, Date.now() - started) };
}

function asUnauthorized(error: unknown): "Unauthorized" {
  if (error instanceof Error && error.message === "Unauthorized") return "Unauthorized";
  throw error;
}

const isReadable = (result: APIGatewayAuthorizerResult | undefined): result is APIGatewayAuthorizerResult =>
  typeof result?.principalId === "string" &&
  Array.isArray(result.policyDocument?.Statement) &&
  Object.values(result.context ?? {}).every((value) => typeof value !== "object" || value === null);

const toContext = (result: APIGatewayAuthorizerResult, integrationLatency: number): AuthorizerContext => ({
  ...Object.fromEntries(
    Object.entries(result.context ?? {}).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, String(value)]],
    ),
  ),
  principalId: result.principalId,
  integrationLatency,
});

/** IAM's evaluation: a matching Deny wins, and without a matching Allow nothing is allowed. */
function allows(policy: PolicyDocument, arn: string): boolean {
  const effects = policy.Statement.filter((statement) => applies(statement, arn)).map(({ Effect }) => Effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

const applies = (statement: Statement, arn: string): boolean =>
  "Action" in statement &&
  "Resource" in statement &&
  matchesAny(statement.Action, "execute-api:Invoke") &&
  matchesAny(statement.Resource ?? [], arn);

const matchesAny = (patterns: string | string[], text: string): boolean =>
  [patterns].flat().some((pattern) => wildcard(pattern).test(text));

/** `*` stands for any text, `?` for one character; a policy's pattern is matched whole. */
function wildcard(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[\\^$+.()|[\]{}]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i");
}
