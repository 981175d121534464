import type { Stack } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { network } from "../names.ts";

/**
 * Two zones. DynamoDB and S3 are reached by gateway endpoints, which cost nothing; all else by one NAT: `@connections`
 * (a VPC endpoint of API Gateway serves private APIs alone, and a WebSocket API cannot be one), and what a node needs
 * when it starts. With the NAT's zone the gateway's sessions would miss their pushes until `pong` tells them; the nodes'
 * would not.
 */
export const addNetwork = (stack: Stack): ec2.IVpc =>
  new ec2.Vpc(stack, "Network", {
    ipAddresses: ec2.IpAddresses.cidr(network),
    availabilityZones: stack.availabilityZones.slice(0, 2),
    natGateways: 1,
    restrictDefaultSecurityGroup: false,
    gatewayEndpoints: {
      dynamodb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      s3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
    },
    // CDK's classes say "or undefined" where their interfaces say "optional", which strict types tell apart.
  }) as ec2.IVpc;
