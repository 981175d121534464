import { Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import * as autoscaling from "aws-cdk-lib/aws-autoscaling";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { Construct } from "constructs";
import { nodeAccess } from "../access.ts";
import { addAlarm } from "../alarms.ts";
import { liveTransports, publicKeys, type Surroundings } from "../functions/environment.ts";
import { grantStores } from "../grants.ts";
import { managementPort, publicPort } from "../names.ts";
import { startCommands } from "../user-data.ts";

export type ServerStackProps = StackProps &
  Surroundings & {
    /** The folder of the bundled server. */
    readonly code: string;
    /** Functions that may reach nodes' management ports. */
    readonly reachesNodes: ec2.ISecurityGroup;
  };

/** How long a new node has from its boot until it can serve. */
const startTimeout = Duration.minutes(10);

/** The server nodes: an Auto Scaling group behind the balancer, replaced one after the other. */
export class ServerStack extends Stack {
  constructor(scope: Construct, id: string, props: ServerStackProps) {
    super(scope, id, props);
    const { vpc, balancer } = props.front;
    const nodes = new ec2.SecurityGroup(this, "Nodes", { vpc, description: "Server nodes" });
    nodes.addIngressRule(props.reachesNodes, ec2.Port.tcp(managementPort), "Pushes");
    const group = this.addGroup(props, nodes);
    const listener = new elb.ApplicationListener(this, "Listener", {
      loadBalancer: balancer,
      port: 80,
      protocol: elb.ApplicationProtocol.HTTP,
      // Its own stack says whom the balancer lets in.
      open: false,
    });
    const targets = listener.addTargets("Nodes", {
      targets: [group],
      port: publicPort,
      protocol: elb.ApplicationProtocol.HTTP,
      loadBalancingAlgorithmType: elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      // A node drains in seconds: its sessions are told to come back elsewhere.
      deregistrationDelay: Duration.seconds(30),
      healthCheck: { path: "/readyz", interval: Duration.seconds(10), healthyThresholdCount: 2 },
    });
    addAlarm(this, "NoNode", props.front.alarms, {
      metric: targets.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: "min" }),
      threshold: 1,
      below: true,
      periods: 3,
      description: "No server node is ready",
    });
  }

  private addGroup(props: ServerStackProps, securityGroup: ec2.SecurityGroup): autoscaling.AutoScalingGroup {
    const role = new iam.Role(this, "NodeRole", {
      assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com"),
      // A shell by Session Manager, so that no port need be open for one.
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
    });
    const userData = ec2.UserData.forLinux();
    const volume = ec2.BlockDeviceVolume.ebs(16, {
      encrypted: true,
      volumeType: ec2.EbsDeviceVolumeType.GP3,
    });
    const group = new autoscaling.AutoScalingGroup(this, "Group", {
      vpc: props.front.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      launchTemplate: new ec2.LaunchTemplate(this, "Node", {
        instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
        machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
        securityGroup,
        role,
        userData,
        requireImdsv2: true,
        httpPutResponseHopLimit: 1,
        blockDevices: [{ deviceName: "/dev/xvda", volume }],
      }),
      minCapacity: 1,
      maxCapacity: 4,
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod: startTimeout,
      }),
      // A node tells that it can serve; one that does not within its time fails the deployment, and the old ones stay.
      signals: autoscaling.Signals.waitForMinCapacity({ timeout: startTimeout }),
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({
        minInstancesInService: 1,
        maxBatchSize: 1,
        pauseTime: startTimeout,
        waitOnResourceSignals: true,
      }),
    });
    userData.addSignalOnExitCommand(group);
    this.addStartUp(userData, role, props);
    return group;
  }

  private addStartUp(
    userData: ec2.UserData,
    role: iam.Role,
    { code, data, publicUrl }: ServerStackProps,
  ): void {
    const asset = new Asset(this, "Code", { path: code });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["s3:GetObject"],
        resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
      }),
    );
    const logGroup = new logs.LogGroup(this, "Log", {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grant(role, "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams");
    data.managementSecret.grantRead(role);
    const archive = userData.addS3DownloadCommand({ bucket: asset.bucket, bucketKey: asset.s3ObjectKey });
    userData.addCommands(
      ...startCommands({
        archive,
        region: this.region,
        logGroup: logGroup.logGroupName,
        managementSecretArn: data.managementSecret.secretArn,
        environment: {
          ...grantStores(role, nodeAccess, data),
          ...liveTransports(publicUrl),
          ALLOWED_ORIGINS: publicUrl,
          TOKEN_PUBLIC_KEYS: publicKeys(this),
          AWS_REGION: this.region,
        },
      }),
    );
  }
}
