import { Duration, type Stack } from "aws-cdk-lib";
import type * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import * as acm from "aws-cdk-lib/aws-certificatemanager";
import * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import * as origins from "aws-cdk-lib/aws-cloudfront-origins";
import type * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type * as secrets from "aws-cdk-lib/aws-secretsmanager";
import { gatewayPath } from "../names.ts";

export type DistributionOptions = {
  readonly domainName: string;
  /** In us-east-1, for `domainName`. */
  readonly certificateArn: string;
  readonly edgeSecret: secrets.Secret;
  readonly balancer: elb.ApplicationLoadBalancer;
  readonly httpApi: apigateway.HttpApi;
  readonly webSocketApi: apigateway.WebSocketApi;
};

/** The one origin that people see. Nothing but the player's own files is kept at the edge. */
export function addDistribution(stack: Stack, options: DistributionOptions): cloudfront.Distribution {
  const { domainName, certificateArn, edgeSecret, balancer, httpApi, webSocketApi } = options;
  const node = behaviourOf(nodeOrigin(balancer), cloudfront.OriginRequestPolicy.ALL_VIEWER);
  const api = behaviourOf(
    new origins.HttpOrigin(hostOf(stack, httpApi.apiId), {
      customHeaders: { "x-encore-edge": edgeSecret.secretValue.unsafeUnwrap() },
    }),
    exceptHost,
  );
  // The path is the API's stage.
  const gateway = behaviourOf(new origins.HttpOrigin(hostOf(stack, webSocketApi.apiId)), exceptHost);
  // Their names carry a hash, or they come with a package; no cookie is needed for them.
  const asset = {
    ...node,
    cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
    allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
  };
  const audio = {
    ...node,
    compress: false,
    allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
  };
  return new cloudfront.Distribution(stack, "Distribution", {
    comment: "Encore",
    domainNames: [domainName],
    certificate: acm.Certificate.fromCertificateArn(stack, "Certificate", certificateArn),
    httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
    minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
    defaultBehavior: node,
    additionalBehaviors: {
      "/assets/*": asset,
      "/docs/assets/*": asset,
      "/api/*": { ...api, functionAssociations: [nameViewer(stack)] },
      [gatewayPath]: { ...gateway, compress: false },
      "/stream/*": audio,
      "/covers/*": audio,
      "/live": { ...node, compress: false },
    },
  });
}

/** Inside the network, and so without TLS; the balancer has no certificate and no address outside. */
const nodeOrigin = (balancer: elb.ApplicationLoadBalancer) =>
  origins.VpcOrigin.withApplicationLoadBalancer(balancer, {
    protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY,
    httpPort: 80,
    readTimeout: Duration.seconds(60),
    keepaliveTimeout: Duration.seconds(60),
  });

/** An API answers under its own name only. */
const exceptHost = cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER;
const hostOf = ({ region, urlSuffix }: Stack, apiId: string): string =>
  `${apiId}.execute-api.${region}.${urlSuffix}`;

/** Cookies, queries and ranges go through, and every answer is its asker's own. */
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

/** The viewer's address, over whatever the viewer may have sent under this name. */
const nameViewer = (stack: Stack): cloudfront.FunctionAssociation => ({
  eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
  function: new cloudfront.Function(stack, "ViewerAddress", {
    runtime: cloudfront.FunctionRuntime.JS_2_0,
    code: cloudfront.FunctionCode.fromInline(
      "function handler(event) { event.request.headers['x-encore-viewer'] = { value: event.viewer.ip }; return event.request; }",
    ),
  }),
});
