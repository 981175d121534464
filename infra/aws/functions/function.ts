import { Duration, RemovalPolicy, Size, Stack } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { accessOf } from "../access.ts";
import { addAlarm } from "../alarms.ts";
import type { FunctionName } from "../bundle.ts";
import { grantStores, manageConnections } from "../grants.ts";
import { webSocketStage } from "../names.ts";
import { plainVariables, type Surroundings, secretVariables } from "./environment.ts";

export type FunctionOptions = Surroundings & {
  /** The folder of its bundle. */
  readonly code: string;
  /** Of functions that reach nodes. */
  readonly reachesNodes: ec2.ISecurityGroup;
  /** Encrypts the variables of functions that have secrets. */
  readonly environmentKey: kms.IKey;
};

/** Where a function needs other than 512 MiB: passwords are hashed in 128 MiB each, files are looked into, pictures resized. */
const memoryOf: Partial<Record<FunctionName, number>> = {
  auth: 1769,
  "process-uploads": 2048,
  covers: 1024,
  "index-music": 1024,
};

const unhurried: ReadonlySet<FunctionName> = new Set(["sweep-objects", "process-uploads"]);

/** A function of `lambdas/` that may do what its access says and is told what it needs for that. */
export function addFunction(scope: Construct, name: FunctionName, options: FunctionOptions): lambda.Function {
  const { data, front, environmentKey } = options;
  const access = accessOf[name];
  const secrets = secretVariables(access, options);
  const isSecretive = Object.keys(secrets).length > 0;
  const handler = new lambda.Function(scope, name, {
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: "index.handler",
    code: lambda.Code.fromAsset(options.code),
    memorySize: memoryOf[name] ?? 512,
    // As long as an HTTP API waits at most; nobody waits for the sweep and for uploads.
    timeout: unhurried.has(name) ? Duration.minutes(15) : Duration.seconds(29),
    // Two uploads at a time are looked at as files.
    ...(name === "process-uploads" && { ephemeralStorageSize: Size.mebibytes(1536) }),
    ...(access.reaches === "every session" && insideNetwork(options)),
    ...(isSecretive && { environmentEncryption: environmentKey }),
    environment: { ...plainVariables(scope, name, access, options), ...secrets },
    logGroup: new logs.LogGroup(scope, `${name}-log`, {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  });
  if (isSecretive) environmentKey.grantDecrypt(handler);
  for (const [key, value] of Object.entries(grantStores(handler, access, data)))
    handler.addEnvironment(key, value);
  if (access.reaches)
    handler.addToRolePolicy(manageConnections(Stack.of(scope), front.webSocketApi.apiId, webSocketStage));
  addAlarm(scope, `${name}-errors`, front.alarms, {
    metric: handler.metricErrors({ period: Duration.minutes(5) }),
    threshold: 5,
    description: `The function ${name} fails`,
  });
  return handler;
}

const insideNetwork = ({ front, reachesNodes }: FunctionOptions) => ({
  vpc: front.vpc,
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
  securityGroups: [reachesNodes],
});
