import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type * as sns from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

export type AlarmOptions = Pick<cloudwatch.AlarmProps, "metric" | "threshold"> & {
  readonly description: string;
  /** How many periods in a row; one by default. */
  readonly periods?: number;
  /** Rings at and above the threshold by default. */
  readonly below?: true;
};

/** An alarm that tells the topic; where nothing is measured, nothing is wrong, unless there is to be something. */
export function addAlarm(scope: Construct, id: string, topic: sns.ITopic, options: AlarmOptions): void {
  const { metric, threshold, description, periods = 1, below } = options;
  const alarm = new cloudwatch.Alarm(scope, id, {
    metric,
    threshold,
    alarmDescription: description,
    evaluationPeriods: periods,
    comparisonOperator: below
      ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
      : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: below
      ? cloudwatch.TreatMissingData.BREACHING
      : cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
}
