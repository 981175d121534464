import { Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import * as autoscaling from "aws-cdk-lib/aws-autoscaling";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { Construct } from "constructs";
import { nodeAccess } from "../access.ts";
import { grantStores } from "../function-role.ts";
import { gatewayPath, managementPort, network, publicPort } from "../names.ts";
import { startCommands } from "../user-data.ts";
import type { DataStack } from "./data.ts";
import type { FrontStack } from "./front.ts";

export type ServerStackProps = StackProps & {
  /** The folder of the bundled server. */
  readonly code: string;
  readonly data: DataStack;
  readonly front: FrontStack;
  /** Functions that may reach nodes' management ports. */
  readonly reachesNodes: ec2.ISecurityGroup;
  readonly publicUrl: string;
};

/** The server nodes: an Auto Scaling group behind the balancer, replaced one after the other. */
export class ServerStack extends Stack {
  constructor(scope: Construct, id: string, props: ServerStackProps) {
    super(scope, id, props);
    const { vpc, balancer } = props.front;
    const nodes = new ec2.SecurityGroup(this, "Nodes", { vpc, description: "Server nodes" });
    const group = this.addGroup(props, nodes);
    const listener = new elb.ApplicationListener(this, "Listener", {
      loadBalancer: balancer,
      port: 80,
      protocol: elb.ApplicationProtocol.HTTP,
      // CloudFront comes by its VPC origin, from inside the network.
      open: false,
    });
    listener.connections.allowDefaultPortFrom(ec2.Peer.ipv4(network), "CloudFront, by its VPC origin");
    listener.addTargets("Nodes", {
      targets: [group],
      port: publicPort,
      protocol: elb.ApplicationProtocol.HTTP,
      // A node drains in seconds: its sessions are told to come back elsewhere.
      deregistrationDelay: Duration.seconds(30),
      healthCheck: { path: "/readyz", interval: Duration.seconds(10), healthyThresholdCount: 2 },
    });
    nodes.addIngressRule(props.reachesNodes, ec2.Port.tcp(managementPort), "Pushes");
  }

  private addGroup(props: ServerStackProps, nodes: ec2.SecurityGroup): autoscaling.AutoScalingGroup {
    const { vpc } = props.front;
    const role = new iam.Role(this, "NodeRole", {
      assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com"),
      // A shell by Session Manager, so that no port need be open for one.
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
    });
    const template = new ec2.LaunchTemplate(this, "Node", {
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
      machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
      securityGroup: nodes,
      role,
      requireImdsv2: true,
      blockDevices: [{ deviceName: "/dev/xvda", volume: ec2.BlockDeviceVolume.ebs(16, { encrypted: true }) }],
      userData: this.startUp(props, role),
    });
    return new autoscaling.AutoScalingGroup(this, "Group", {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      launchTemplate: template,
      minCapacity: 1,
      maxCapacity: 4,
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod: Duration.minutes(3),
      }),
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({ minInstancesInService: 1, maxBatchSize: 1 }),
    });
  }

  private startUp({ code, data, publicUrl }: ServerStackProps, role: iam.Role): ec2.UserData {
    const asset = new Asset(this, "Code", { path: code });
    asset.grantRead(role);
    const logGroup = new logs.LogGroup(this, "Log", {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grantWrite(role);
    data.managementSecret.grantRead(role);
    data.tokenKeys.grantRead(role);
    const socketUrl = publicUrl.replace("https:", "wss:");
    const userData = ec2.UserData.forLinux();
    const archive = userData.addS3DownloadCommand({ bucket: asset.bucket, bucketKey: asset.s3ObjectKey });
    userData.addCommands(
      ...startCommands({
        archive,
        region: this.region,
        logGroup: logGroup.logGroupName,
        tokenKeysArn: data.tokenKeys.secretArn,
        managementSecretArn: data.managementSecret.secretArn,
        managementPort,
        environment: {
          ...grantStores(role, nodeAccess, data),
          AWS_REGION: this.region,
          HOST: "0.0.0.0",
          PORT: String(publicPort),
          MANAGEMENT_HOST: "0.0.0.0",
          MANAGEMENT_PORT: String(managementPort),
          ALLOWED_ORIGINS: publicUrl,
          LIVE_NODE_URL: `${socketUrl}/live`,
          LIVE_GATEWAY_URL: `${socketUrl}${gatewayPath}`,
          CLIENT_FOLDER: "/opt/encore/client",
          AUDIO_CACHE_MIB: "1024",
        },
      }),
    );
    return userData;
  }
}
