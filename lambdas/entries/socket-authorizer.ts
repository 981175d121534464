import { onFirstCall, socketAuthorizerDeps } from "../deps.ts";
import { createSocketAuthorizer } from "../socket-authorizer.ts";

export const handler = onFirstCall(createSocketAuthorizer, socketAuthorizerDeps);
