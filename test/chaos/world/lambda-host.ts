import type { DynamoDBStreamEvent } from "aws-lambda";
import type { Environment } from "../../../core/domain/ports.ts";
import { pushDeps } from "../../../lambdas/deps/push.ts";
import { socketDeps } from "../../../lambdas/deps/socket.ts";
import { socketAuthorizerDeps } from "../../../lambdas/deps/socket-authorizer.ts";
import { databaseFor } from "../../../lambdas/deps/stores.ts";
import { subscriptionsDeps } from "../../../lambdas/deps/subscriptions.ts";
import { createPushHandler } from "../../../lambdas/push.ts";
import { createSubscriptionsHandler } from "../../../lambdas/subscriptions.ts";
import { createSocketHandler } from "../../../lambdas/websocket/socket.ts";
import { createSocketAuthorizer } from "../../../lambdas/websocket/socket-authorizer.ts";
import { silent } from "../../support/live-node.ts";
import { type Defence, switchOf } from "../defences.ts";

/** A process that runs functions, as Lambda does: invoked by messages, and killed at any moment. */
export type LambdaSettings = {
  readonly env: Environment;
  readonly off?: Defence;
  readonly heartbeatSeconds: number;
};
export type Invocation = { readonly id: number; readonly name: FunctionName; readonly event: unknown };
export type Answer = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string });

/** Of the context ours read only what a gateway in their own process tells. */
type AnyHandler = (event: never, context: never) => Promise<unknown>;
export type FunctionName = keyof typeof functions;

const functions = {
  subscriptions: ({ env, off }) => {
    const all = subscriptionsDeps(env);
    const wrap = switchOf(off).subscriptions;
    const subscriptions = wrap ? wrap(all.subscriptions, databaseFor(env)) : all.subscriptions;
    return createSubscriptionsHandler({ ...all, subscriptions, log: silent });
  },
  push: ({ env, off }) => {
    const all = pushDeps(env);
    const { connections: wrap, push: wrapHandler } = switchOf(off);
    // Only what pushes read and delete of connections is used here.
    const connections = wrap ? wrap(all.connections as never, databaseFor(env)) : all.connections;
    const handler = createPushHandler({ ...all, connections, log: silent });
    return (wrapHandler?.(handler) ?? handler) as (event: DynamoDBStreamEvent) => Promise<unknown>;
  },
  socket: ({ env, heartbeatSeconds }) =>
    createSocketHandler({ ...socketDeps(env), log: silent }, { heartbeatSeconds }),
  authorizer: ({ env }) => createSocketAuthorizer({ ...socketAuthorizerDeps(env), log: silent }),
} as const satisfies Record<string, (settings: LambdaSettings) => AnyHandler>;

process.once("message", (settings: LambdaSettings) => {
  const handlers = new Map<FunctionName, AnyHandler>();
  process.on("message", async ({ id, name, event }: Invocation) => {
    const handler = handlers.get(name) ?? functions[name](settings);
    handlers.set(name, handler);
    const answer = await handler(event as never, {} as never).then(
      (result): Answer => ({ id, result }),
      (error: Error): Answer => ({ id, error: error.message }),
    );
    process.send?.(answer);
  });
  process.send?.("ready");
});
