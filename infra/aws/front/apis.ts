import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as sns from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { addAlarm } from "../alarms.ts";
import { webSocketStage } from "../names.ts";

/** Requests a second that one API lets through, and how many at once: a bound on what a flood may cost. */
const throttle = { rateLimit: 2_000, burstLimit: 4_000 };

/** Neither query nor headers: they hold tickets, tokens and cookies. */
const logged = {
  requestId: "$context.requestId",
  route: "$context.routeKey",
  status: "$context.status",
  milliseconds: "$context.responseLatency",
  error: "$context.integrationErrorMessage",
};

/** The HTTP API, which logs each request for a month; its routes come with the functions. */
export function addHttpApi(scope: Construct, alarms: sns.ITopic): apigateway.HttpApi {
  const httpApi = new apigateway.HttpApi(scope, "HttpApi", { apiName: "encore", createDefaultStage: false });
  const logGroup = new logs.LogGroup(scope, "HttpApiLog", {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new apigateway.HttpStage(scope, "HttpStage", {
    httpApi,
    throttle,
    stageName: "$default",
    autoDeploy: true,
    accessLogSettings: {
      destination: new apigateway.LogGroupLogDestination(logGroup),
      format: AccessLogFormat.custom(JSON.stringify(logged)),
    },
  });
  addAlarm(scope, "HttpApiFaults", alarms, {
    metric: httpApi.metricServerError({ period: Duration.minutes(5), statistic: "sum" }),
    threshold: 10,
    description: "The API answers with 5xx",
  });
  return httpApi;
}

export function addWebSocketApi(scope: Construct) {
  const webSocketApi = new apigateway.WebSocketApi(scope, "WebSocketApi", {
    apiName: "encore-live",
    routeSelectionExpression: "$request.body.type",
  });
  const stage = new apigateway.WebSocketStage(scope, "WebSocketStage", {
    webSocketApi,
    throttle,
    stageName: webSocketStage,
    autoDeploy: true,
  });
  return { webSocketApi, stage };
}
