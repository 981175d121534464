import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import * as acm from "aws-cdk-lib/aws-certificatemanager";
import * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import * as origins from "aws-cdk-lib/aws-cloudfront-origins";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type * as secrets from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { gatewayPath, network, webSocketStage } from "../names.ts";

export type FrontStackProps = StackProps & {
  readonly domainName: string;
  /** In us-east-1, for `domainName`. */
  readonly certificateArn: string;
  readonly edgeSecret: secrets.Secret;
};

/**
 * The one origin that people see, and the doors behind it, still without anything that answers: functions and nodes
 * are added by the stacks after this one, which so may know its addresses.
 */
export class FrontStack extends Stack {
  readonly vpc: ec2.IVpc;
  readonly balancer: elb.ApplicationLoadBalancer;
  readonly httpApi: apigateway.HttpApi;
  readonly webSocketApi: apigateway.WebSocketApi;
  readonly webSocketStage: apigateway.WebSocketStage;
  readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, props: FrontStackProps) {
    super(scope, id, props);
    this.vpc = this.addNetwork();
    this.balancer = new elb.ApplicationLoadBalancer(this, "Balancer", {
      vpc: this.vpc,
      internetFacing: false,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      // Live sessions are silent between heartbeats, of 30 s; a listener may pause for longer.
      idleTimeout: Duration.seconds(300),
      dropInvalidHeaderFields: true,
      deletionProtection: true,
    });
    this.httpApi = new apigateway.HttpApi(this, "HttpApi", { apiName: "encore" });
    this.webSocketApi = new apigateway.WebSocketApi(this, "WebSocketApi", {
      apiName: "encore-live",
      routeSelectionExpression: "$request.body.type",
    });
    this.webSocketStage = new apigateway.WebSocketStage(this, "WebSocketStage", {
      webSocketApi: this.webSocketApi,
      stageName: webSocketStage,
      autoDeploy: true,
    });
    this.distribution = this.addDistribution(props);
  }

  /** Two zones; DynamoDB and S3 are reached by gateway endpoints, which cost nothing, all else by one NAT. */
  private addNetwork(): ec2.IVpc {
    return new ec2.Vpc(this, "Network", {
      ipAddresses: ec2.IpAddresses.cidr(network),
      availabilityZones: this.availabilityZones.slice(0, 2),
      natGateways: 1,
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: {
        dynamodb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
        s3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
      },
      // CDK's classes say "or undefined" where their interfaces say "optional", which strict types tell apart.
    }) as ec2.IVpc;
  }

  private addDistribution({
    domainName,
    certificateArn,
    edgeSecret,
  }: FrontStackProps): cloudfront.Distribution {
    const node = behaviourOf(
      origins.VpcOrigin.withApplicationLoadBalancer(this.balancer, {
        protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY,
        httpPort: 80,
        readTimeout: Duration.seconds(60),
        keepaliveTimeout: Duration.seconds(60),
      }),
      cloudfront.OriginRequestPolicy.ALL_VIEWER,
    );
    const api = behaviourOf(
      new origins.HttpOrigin(this.hostOf(this.httpApi.apiId), {
        customHeaders: { "x-encore-edge": edgeSecret.secretValue.unsafeUnwrap() },
      }),
      exceptHost,
    );
    const gateway = behaviourOf(
      new origins.HttpOrigin(this.hostOf(this.webSocketApi.apiId), { originPath: `/${webSocketStage}` }),
      exceptHost,
    );
    // Nothing but the player's own files, whose names carry a hash, is kept at the edge: what one may hear, another may not.
    const assets = { ...node, cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED };
    return new cloudfront.Distribution(this, "Distribution", {
      comment: "Encore",
      domainNames: [domainName],
      certificate: acm.Certificate.fromCertificateArn(this, "Certificate", certificateArn),
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      defaultBehavior: { ...node, compress: true },
      additionalBehaviors: {
        "/assets/*": assets,
        "/docs/assets/*": assets,
        "/api/*": { ...api, functionAssociations: [this.onRequest("ViewerAddress", nameViewer)] },
        [gatewayPath]: { ...gateway, functionAssociations: [this.onRequest("GatewayPath", toRoot)] },
        "/stream/*": { ...node, compress: false },
        "/covers/*": { ...node, compress: false },
        "/live": { ...node, compress: false },
      },
    });
  }

  private hostOf(apiId: string): string {
    return `${apiId}.execute-api.${this.region}.${this.urlSuffix}`;
  }

  private onRequest(id: string, statement: string): cloudfront.FunctionAssociation {
    return {
      eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
      function: new cloudfront.Function(this, id, {
        runtime: cloudfront.FunctionRuntime.JS_2_0,
        code: cloudfront.FunctionCode.fromInline(
          `function handler(event) { ${statement}; return event.request; }`,
        ),
      }),
    };
  }
}

/** A WebSocket API has one path, its stage's. */
const toRoot = "event.request.uri = '/'";
/** Over whatever the viewer may have sent under this name. */
const nameViewer = "event.request.headers['x-encore-viewer'] = { value: event.viewer.ip }";

const exceptHost = cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER;

const behaviourOf = (
  origin: cloudfront.IOrigin,
  originRequestPolicy: cloudfront.IOriginRequestPolicy,
): cloudfront.BehaviorOptions => ({
  origin,
  originRequestPolicy,
  cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
  allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
  viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
});
