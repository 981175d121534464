import { RemovalPolicy } from "aws-cdk-lib";
import type * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as logs from "aws-cdk-lib/aws-logs";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import type { Construct } from "constructs";

/** What CloudFront calls the security group of its VPC origins in each network (CloudFront developer guide). */
const groupName = "CloudFront-VPCOrigins-Service-SG";

/**
 * Lets CloudFront, and nobody else, reach the balancer. Its requests come with a security group that it makes itself
 * with the network's first VPC origin, and that CloudFormation does not name: so it is asked for once the distribution
 * is there.
 */
export function allowCloudFront(
  scope: Construct,
  vpc: ec2.IVpc,
  distribution: cloudfront.Distribution,
  balancer: ec2.IConnectable,
): void {
  const found = new AwsCustomResource(scope, "VpcOriginGroup", {
    onUpdate: {
      service: "ec2",
      action: "describeSecurityGroups",
      parameters: {
        Filters: [
          { Name: "vpc-id", Values: [vpc.vpcId] },
          { Name: "group-name", Values: [groupName] },
        ],
      },
      outputPaths: ["SecurityGroups.0.GroupId"],
      physicalResourceId: PhysicalResourceId.of(groupName),
    },
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
    installLatestAwsSdk: false,
    logGroup: new logs.LogGroup(scope, "VpcOriginGroupLog", {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
    resourceType: "Custom::VpcOriginGroup",
  });
  found.node.addDependency(distribution);
  const group = ec2.SecurityGroup.fromSecurityGroupId(
    scope,
    "VpcOrigins",
    found.getResponseField("SecurityGroups.0.GroupId"),
  );
  balancer.connections.allowFrom(group, ec2.Port.HTTP, "CloudFront, by its VPC origin");
}
