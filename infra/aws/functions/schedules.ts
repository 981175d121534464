import { Duration } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { FunctionName } from "../bundle.ts";

/** What runs by the clock. */
export function addSchedules(
  scope: Construct,
  functions: Readonly<Record<Extract<FunctionName, "sweep-objects">, lambda.Function>>,
): void {
  new events.Rule(scope, "Daily", {
    description: "Encore: deletes objects that no song has",
    schedule: events.Schedule.rate(Duration.days(1)),
    targets: [new targets.LambdaFunction(functions["sweep-objects"])],
  });
}
