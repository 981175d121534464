import { Stack } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { restFallback, restRoutes } from "../../../lambdas/routes/rest.ts";
import { webSocketRoutes } from "../../../lambdas/routes/websocket.ts";
import type { FunctionName } from "../bundle.ts";

type Functions = Readonly<Record<FunctionName, lambda.Function>>;

/** Every route of the route table, to the function of its area; what none takes, to the one that says so. */
export function addRestRoutes(scope: Construct, httpApi: apigateway.HttpApi, functions: Functions): void {
  const integrations = new Map<FunctionName, HttpLambdaIntegration>();
  for (const { area, operation, method, path } of [
    ...restRoutes,
    { ...restFallback, operation: "fallback" },
  ]) {
    const integration =
      integrations.get(area) ??
      // One permission for all routes: a function's policy holds 20 KB.
      new HttpLambdaIntegration(area, functions[area], { scopePermissionToRoute: false });
    integrations.set(area, integration);
    const routeKey = apigateway.HttpRouteKey.with(path, apigateway.HttpMethod[method]);
    new apigateway.HttpRoute(scope, `rest-${operation}`, { httpApi, routeKey, integration });
  }
}

export function addWebSocketRoutes(
  scope: Construct,
  webSocketApi: apigateway.WebSocketApi,
  functions: Functions,
): void {
  const integration = new WebSocketLambdaIntegration("socket", functions.socket);
  const authorizer = addAuthorizer(scope, webSocketApi, functions["socket-authorizer"]);
  for (const routeKey of webSocketRoutes)
    new apigateway.WebSocketRoute(scope, `live-${routeKey}`, {
      webSocketApi,
      routeKey,
      integration,
      ...(routeKey === "$connect" && { authorizer }),
    });
}

/** In the functions' stack, where CDK's own class would put it into the API's, which stands before the function. */
function addAuthorizer(
  scope: Construct,
  webSocketApi: apigateway.WebSocketApi,
  handler: lambda.Function,
): apigateway.IWebSocketRouteAuthorizer {
  const stack = Stack.of(scope);
  const { authorizerId } = new apigateway.WebSocketAuthorizer(scope, "Authorizer", {
    webSocketApi,
    type: apigateway.WebSocketAuthorizerType.LAMBDA,
    // One of cookie, header and ticket is enough, and API Gateway would want each that is named here.
    identitySource: [],
    authorizerUri: stack.formatArn({
      service: "apigateway",
      account: "lambda",
      resource: "path",
      resourceName: `2015-03-31/functions/${handler.functionArn}/invocations`,
    }),
  });
  handler.addPermission("Authorizer", {
    principal: new iam.ServicePrincipal("apigateway.amazonaws.com"),
    sourceArn: stack.formatArn({
      service: "execute-api",
      resource: webSocketApi.apiId,
      resourceName: `authorizers/${authorizerId}`,
    }),
  });
  return apigateway.WebSocketAuthorizer.fromWebSocketAuthorizerAttributes(scope, "AuthorizerRef", {
    authorizerId,
    authorizerType: "CUSTOM",
  });
}
