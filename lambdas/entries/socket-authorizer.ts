import { socketAuthorizerDeps } from "../deps/socket-authorizer.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createSocketAuthorizer } from "../websocket/socket-authorizer.ts";

export const handler = onFirstCall(createSocketAuthorizer, socketAuthorizerDeps);
