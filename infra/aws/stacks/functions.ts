import { Stack, type StackProps } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as kms from "aws-cdk-lib/aws-kms";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { type Code, type FunctionName, functionNames } from "../bundle.ts";
import type { Surroundings } from "../functions/environment.ts";
import { addFunction } from "../functions/function.ts";
import { addRestRoutes, addWebSocketRoutes } from "../functions/routes.ts";
import { addSchedules } from "../functions/schedules.ts";
import { addStreams } from "../functions/streams.ts";

export type FunctionsStackProps = StackProps & Surroundings & { readonly code: Code["functions"] };

/** The Lambda functions, the routes to them, and the streams that invoke them. */
export class FunctionsStack extends Stack {
  /** Whose functions may reach nodes' management ports. */
  readonly reachesNodes: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, props: FunctionsStackProps) {
    super(scope, id, props);
    const { code, data, front, publicUrl } = props;
    this.reachesNodes = new ec2.SecurityGroup(this, "ReachesNodes", {
      vpc: front.vpc,
      description: "Functions that reach the management ports of nodes",
    });
    const environmentKey = new kms.Key(this, "EnvironmentKey", {
      description: "Encore: the variables of functions that have secrets",
      enableKeyRotation: true,
    });
    const surroundings = { data, front, publicUrl, environmentKey, reachesNodes: this.reachesNodes };
    const made = functionNames.map((name) => [
      name,
      addFunction(this, name, { ...surroundings, code: code[name] }),
    ]);
    const functions = Object.fromEntries(made) as Record<FunctionName, lambda.Function>;
    addRestRoutes(this, front.httpApi, functions);
    addWebSocketRoutes(this, front.webSocketApi, functions);
    addSchedules(this, functions);
    addStreams(this, {
      tables: data.tables,
      functions: {
        push: functions.push,
        "index-music": functions["index-music"],
        "process-uploads": functions["process-uploads"],
      },
      alarms: front.alarms,
    });
  }
}
