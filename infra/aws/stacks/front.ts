import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type * as secrets from "aws-cdk-lib/aws-secretsmanager";
import * as sns from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { addHttpApi, addWebSocketApi } from "../front/apis.ts";
import { addDistribution } from "../front/distribution.ts";
import { addNetwork } from "../front/network.ts";
import { allowCloudFront } from "../front/vpc-origin-access.ts";
import { balancerIdleSeconds } from "../names.ts";

export type FrontStackProps = StackProps & {
  readonly domainName: string;
  /** In us-east-1, for `domainName`. */
  readonly certificateArn: string;
  readonly edgeSecret: secrets.Secret;
  /** Who is told of alarms, by e-mail. */
  readonly alarmEmail?: string;
};

/**
 * The one origin that people see, and the gateways behind it, still without anything that answers: functions and nodes
 * are added by the stacks after this one, which so may know its addresses.
 */
export class FrontStack extends Stack {
  readonly vpc: ec2.IVpc;
  readonly balancer: elb.ApplicationLoadBalancer;
  readonly httpApi: apigateway.HttpApi;
  readonly webSocketApi: apigateway.WebSocketApi;
  readonly webSocketStage: apigateway.WebSocketStage;
  readonly alarms: sns.ITopic;

  constructor(scope: Construct, id: string, { alarmEmail, edgeSecret, ...props }: FrontStackProps) {
    super(scope, id, props);
    const alarms = new sns.Topic(this, "Alarms", { enforceSSL: true });
    if (alarmEmail) alarms.addSubscription(new EmailSubscription(alarmEmail));
    this.alarms = alarms;
    this.vpc = addNetwork(this);
    this.balancer = new elb.ApplicationLoadBalancer(this, "Balancer", {
      vpc: this.vpc,
      internetFacing: false,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      idleTimeout: Duration.seconds(balancerIdleSeconds),
      dropInvalidHeaderFields: true,
      deletionProtection: true,
    });
    this.httpApi = addHttpApi(this, alarms);
    const { webSocketApi, stage } = addWebSocketApi(this);
    this.webSocketApi = webSocketApi;
    this.webSocketStage = stage;
    const { balancer, httpApi } = this;
    const distribution = addDistribution(this, {
      domainName: props.domainName,
      certificateArn: props.certificateArn,
      edgeSecret,
      balancer,
      httpApi,
      webSocketApi,
    });
    allowCloudFront(this, this.vpc, distribution, balancer);
    new CfnOutput(this, "DistributionDomain", {
      description: `Where the name ${props.domainName} is to point (CNAME, or alias)`,
      value: distribution.distributionDomainName,
    });
  }
}
