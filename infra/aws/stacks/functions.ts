import { Duration, RemovalPolicy, Size, Stack, type StackProps } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import * as logs from "aws-cdk-lib/aws-logs";
import * as sqs from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { TableName } from "../../../core/aws/tables.ts";
import { restRoutes, webSocketRoutes } from "../../../lambdas/routes.ts";
import { accessOf } from "../access.ts";
import { type Code, type FunctionName, functionNames } from "../bundle.ts";
import { grantStores, manageConnections } from "../function-role.ts";
import { gatewayPath, network, webSocketStage } from "../names.ts";
import type { DataStack } from "./data.ts";
import type { FrontStack } from "./front.ts";

export type FunctionsStackProps = StackProps & {
  readonly code: Code["functions"];
  readonly data: DataStack;
  readonly front: FrontStack;
  readonly publicUrl: string;
};

/** Where a function needs other than 512 MiB: passwords are hashed in 128 MiB each, files are looked into. */
const memoryOf: Partial<Record<FunctionName, number>> = { auth: 1769, uploads: 1769, "index-music": 1024 };

/** The Lambda functions, the routes to them, and the streams that invoke them. */
export class FunctionsStack extends Stack {
  /** Whose functions may reach nodes' management ports. */
  readonly reachesNodes: ec2.SecurityGroup;
  private readonly props: FunctionsStackProps;
  private readonly functions: Readonly<Record<FunctionName, lambda.Function>>;

  constructor(scope: Construct, id: string, props: FunctionsStackProps) {
    super(scope, id, props);
    this.props = props;
    this.reachesNodes = new ec2.SecurityGroup(this, "ReachesNodes", {
      vpc: props.front.vpc,
      description: "Functions that reach the management ports of nodes",
    });
    this.functions = Object.fromEntries(
      functionNames.map((name) => [name, this.addFunction(name)]),
    ) as Record<FunctionName, lambda.Function>;
    this.addRestRoutes();
    this.addWebSocketRoutes();
    this.addStreams();
  }

  private addFunction(name: FunctionName): lambda.Function {
    const { code, data, front } = this.props;
    const access = accessOf[name];
    const inNetwork = access.reaches === "every session";
    const handler = new lambda.Function(this, name, {
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: "index.handler",
      code: lambda.Code.fromAsset(code[name]),
      memorySize: memoryOf[name] ?? 512,
      // As long as an HTTP API waits at most.
      timeout: Duration.seconds(29),
      ...(name === "uploads" && { ephemeralStorageSize: Size.mebibytes(1024) }),
      ...(inNetwork && {
        vpc: front.vpc,
        vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [this.reachesNodes],
      }),
      logGroup: new logs.LogGroup(this, `${name}-log`, {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      environment: { ...this.environmentOf(name), NODE_OPTIONS: "--enable-source-maps" },
    });
    for (const [key, value] of Object.entries(grantStores(handler, access, data)))
      handler.addEnvironment(key, value);
    if (access.reaches)
      handler.addToRolePolicy(manageConnections(this, front.webSocketApi.apiId, webSocketStage));
    this.alarmOnErrors(name, handler);
    return handler;
  }

  private environmentOf(name: FunctionName): Record<string, string> {
    const { data, front, publicUrl } = this.props;
    const { keys, reaches } = accessOf[name];
    const ofKeys = (field: string) => data.tokenKeys.secretValueFromJson(field).unsafeUnwrap();
    const socketUrl = publicUrl.replace("https:", "wss:");
    return {
      ALLOWED_ORIGINS: publicUrl,
      PUBLIC_URL: publicUrl,
      EDGE_SECRET: data.edgeSecret.secretValue.unsafeUnwrap(),
      ...(keys !== "none" && { TOKEN_PUBLIC_KEYS: ofKeys("publicKeys") }),
      ...(keys === "private" && { TOKEN_PRIVATE_KEY: ofKeys("privateKey"), TOKEN_KEY_ID: ofKeys("keyId") }),
      ...(name === "live" && {
        LIVE_NODE_URL: `${socketUrl}/live`,
        LIVE_GATEWAY_URL: `${socketUrl}${gatewayPath}`,
      }),
      ...(reaches && {
        GATEWAY_MANAGEMENT_ENDPOINT: front.webSocketStage.callbackUrl,
        MANAGEMENT_SECRET: data.managementSecret.secretValue.unsafeUnwrap(),
        ENDPOINT_NETWORKS: network,
      }),
    };
  }

  private addRestRoutes(): void {
    const integrations = new Map<FunctionName, HttpLambdaIntegration>();
    for (const { area, operation, method, path } of restRoutes) {
      const integration = integrations.get(area) ?? new HttpLambdaIntegration(area, this.functions[area]);
      integrations.set(area, integration);
      new apigateway.HttpRoute(this, `rest-${operation}`, {
        httpApi: this.props.front.httpApi,
        routeKey: apigateway.HttpRouteKey.with(path, apigateway.HttpMethod[method]),
        integration,
      });
    }
  }

  private addWebSocketRoutes(): void {
    const integration = new WebSocketLambdaIntegration("socket", this.functions.socket);
    const authorizer = this.addAuthorizer();
    for (const routeKey of webSocketRoutes)
      new apigateway.WebSocketRoute(this, `live-${routeKey}`, {
        webSocketApi: this.props.front.webSocketApi,
        routeKey,
        integration,
        ...(routeKey === "$connect" && { authorizer }),
      });
  }

  /** Of this stack, where CDK's own class would put it into the API's, which stands before the function. */
  private addAuthorizer(): apigateway.IWebSocketRouteAuthorizer {
    const { webSocketApi } = this.props.front;
    const handler = this.functions["socket-authorizer"];
    const authorizer = new apigateway.WebSocketAuthorizer(this, "Authorizer", {
      webSocketApi,
      type: apigateway.WebSocketAuthorizerType.LAMBDA,
      // One of cookie, header and ticket is enough, and API Gateway would want each that is named here.
      identitySource: [],
      authorizerUri: this.formatArn({
        service: "apigateway",
        account: "lambda",
        resource: "path",
        resourceName: `2015-03-31/functions/${handler.functionArn}/invocations`,
      }),
    });
    handler.addPermission("Authorizer", {
      principal: new iam.ServicePrincipal("apigateway.amazonaws.com"),
      sourceArn: this.formatArn({
        service: "execute-api",
        resource: webSocketApi.apiId,
        resourceName: `authorizers/${authorizer.authorizerId}`,
      }),
    });
    return apigateway.WebSocketAuthorizer.fromWebSocketAuthorizerAttributes(this, "AuthorizerRef", {
      authorizerId: authorizer.authorizerId,
      authorizerType: "CUSTOM",
    });
  }

  private addStreams(): void {
    const { tables } = this.props.data;
    const pushed: readonly TableName[] = ["subscription", "login", "session", "connection"];
    const lost = (name: string) => this.addDeadLetters(name);
    const pushLost = lost("push");
    for (const name of pushed)
      this.functions.push.addEventSource(
        new DynamoEventSource(tables[name], {
          ...mapping,
          // Users are independent of each other; within one the order is kept.
          parallelizationFactor: 10,
          onFailure: new SqsDlq(pushLost),
        }),
      );
    this.functions["index-music"].addEventSource(
      new DynamoEventSource(tables.music, {
        ...mapping,
        maxBatchingWindow: Duration.seconds(1),
        onFailure: new SqsDlq(lost("index-music")),
      }),
    );
  }

  /** Where the records that were given up are told; somebody must look. */
  private addDeadLetters(name: string): sqs.Queue {
    const queue = new sqs.Queue(this, `${name}-lost`, {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    new cloudwatch.Alarm(this, `${name}-lost-alarm`, {
      metric: queue.metricApproximateNumberOfMessagesVisible(),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: `Stream records that the function ${name} could not deal with`,
    });
    return queue;
  }

  private alarmOnErrors(name: FunctionName, handler: lambda.Function): void {
    new cloudwatch.Alarm(this, `${name}-errors`, {
      metric: handler.metricErrors({ period: Duration.minutes(5) }),
      threshold: 5,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: `The function ${name} fails`,
    });
  }
}

/** A push that fails is tried twice more, then left to `pong`; a poison record is told apart by halving. */
const mapping = {
  startingPosition: lambda.StartingPosition.TRIM_HORIZON,
  batchSize: 100,
  retryAttempts: 5,
  maxRecordAge: Duration.hours(1),
  bisectBatchOnError: true,
  reportBatchItemFailures: true,
};
