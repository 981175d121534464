import { execFileSync } from "node:child_process";
import { Match } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { physicalTableName, tables } from "../../../core/aws/tables.ts";
import { nodeAccess } from "../../../infra/aws/access.ts";
import { balancerIdleSeconds, managementPort, publicPort, tablePrefix } from "../../../infra/aws/names.ts";
import { serverOptions } from "../../../server/server-options.ts";
import { grantsIn, grantsOf, statementsOf } from "./grants.ts";
import { properties, resources, synthesise, type Templates, theOnly } from "./templates.ts";

let templates: Templates;
beforeAll(async () => {
  templates = await synthesise();
}, 120_000);

describe("The tables", () => {
  it.each(tables)("$name is as the shared definition says", (table) => {
    const name = physicalTableName(tablePrefix, table.name);
    const found = properties(templates.data, "AWS::DynamoDB::GlobalTable").find(
      ({ TableName }) => TableName === name,
    );
    const keysOf = ({ partitionKey, sortKey }: typeof table | (typeof table.globalIndexes)[number]) => [
      { AttributeName: partitionKey.name, KeyType: "HASH" },
      ...(sortKey ? [{ AttributeName: sortKey.name, KeyType: "RANGE" }] : []),
    ];
    const indexes = (list: typeof table.globalIndexes) =>
      list.map((index) => ({
        IndexName: index.name,
        KeySchema: keysOf(index),
        Projection: { ProjectionType: "ALL" },
      }));
    expect(found).toMatchObject({
      KeySchema: keysOf(table),
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true },
    });
    expect(found?.GlobalSecondaryIndexes ?? []).toEqual(indexes(table.globalIndexes));
    expect(found?.LocalSecondaryIndexes ?? []).toEqual(indexes(table.localIndexes));
    expect(found?.StreamSpecification).toEqual(
      table.stream ? { StreamViewType: "NEW_AND_OLD_IMAGES" } : undefined,
    );
    expect(found?.TimeToLiveSpecification).toEqual(
      table.ttlAttribute ? { AttributeName: table.ttlAttribute, Enabled: true } : undefined,
    );
    const [replica] = (found?.Replicas ?? []) as Record<string, unknown>[];
    expect(replica).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it("outlive their stack, as the bucket does, and the stack is not deleted by mistake", () => {
    const lasting = ["AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"].flatMap((type) =>
      resources(templates.data, type),
    );
    expect(lasting).toHaveLength(tables.length + 1);
    for (const [, { DeletionPolicy }] of lasting) expect(DeletionPolicy).toBe("Retain");
    expect(templates.terminationProtected).toBe(true);
  });
});

describe("The bucket", () => {
  it("is private, encrypted, and forgets uploads that nobody finished", () => {
    templates.data.hasResourceProperties("AWS::S3::Bucket", {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: Match.anyValue(),
      LifecycleConfiguration: {
        Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 }, Status: "Enabled" }],
      },
      CorsConfiguration: { CorsRules: [Match.objectLike({ AllowedOrigins: ["https://encore.example"] })] },
    });
  });

  it("is reached over TLS 1.2 or better, or not at all", () => {
    const { PolicyDocument } = theOnly(templates.data, "AWS::S3::BucketPolicy");
    const { Statement } = PolicyDocument as { Statement: Record<string, unknown>[] };
    expect(Statement.map(({ Effect, Condition }) => [Effect, Condition])).toEqual([
      ["Deny", { Bool: { "aws:SecureTransport": "false" } }],
      ["Deny", { NumericLessThan: { "s3:TlsVersion": 1.2 } }],
    ]);
  });
});

describe("The token keys", () => {
  it("are a secret and two parameters, and the private one leaves by no export", () => {
    const [keys] = resources(templates.data, "Custom::TokenKeyPair").map(([id]) => id);
    const attribute = (name: string) => ({ "Fn::GetAtt": [keys, name] });
    const secrets = properties(templates.data, "AWS::SecretsManager::Secret");
    expect(secrets.map(({ SecretString }) => SecretString).filter(Boolean)).toEqual([
      attribute("PrivateKey"),
    ]);
    templates.data.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/encore/token-keys/public",
      Value: attribute("PublicKeys"),
    });
    templates.data.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/encore/token-keys/id",
      Value: attribute("KeyId"),
    });
    expect(JSON.stringify(templates.data.toJSON().Outputs)).not.toContain('PrivateKey"]');
  });
});

describe("The server nodes", () => {
  const nodeRole = () => {
    const [role] = resources(templates.server, "AWS::IAM::Role").map(([id]) => id);
    return role ?? "";
  };

  const launchTemplate = () =>
    theOnly(templates.server, "AWS::EC2::LaunchTemplate").LaunchTemplateData as Record<string, unknown>;

  it("are replaced one after the other, each when the next says that it can serve", () => {
    templates.server.hasResource("AWS::AutoScaling::AutoScalingGroup", {
      Properties: { MinSize: "1", HealthCheckType: "ELB" },
      CreationPolicy: { ResourceSignal: Match.objectLike({ Count: 1 }) },
      UpdatePolicy: {
        AutoScalingRollingUpdate: Match.objectLike({
          MinInstancesInService: 1,
          MaxBatchSize: 1,
          WaitOnResourceSignals: true,
        }),
      },
    });
  });

  it("are asked whether they are ready, and drained when they go", () => {
    const target = theOnly(templates.server, "AWS::ElasticLoadBalancingV2::TargetGroup");
    expect(target).toMatchObject({ HealthCheckPath: "/readyz", Port: publicPort, Protocol: "HTTP" });
    expect(target.TargetGroupAttributes).toContainEqual({
      Key: "deregistration_delay.timeout_seconds",
      Value: "30",
    });
  });

  it("run on arm64, with encrypted disks, without keys to log in by, and no metadata without a token", () => {
    expect(launchTemplate()).toMatchObject({
      InstanceType: expect.stringMatching(/^[a-z]\d+g\w*\./),
      ImageId: { Ref: expect.stringMatching(/al2023.*arm64/) },
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
    });
    expect(launchTemplate()).not.toHaveProperty("KeyName");
  });

  it("open the management port to the functions that push, the public one to the balancer, and nothing else", () => {
    const rules = properties(templates.server, "AWS::EC2::SecurityGroupIngress");
    const sources = rules.map(({ FromPort, ToPort, SourceSecurityGroupId }) => {
      expect(FromPort).toBe(ToPort);
      return [FromPort, /ReachesNodes|Balancer/.exec(JSON.stringify(SourceSecurityGroupId))?.[0]];
    });
    expect(Object.fromEntries(sources)).toEqual({
      [managementPort]: "ReachesNodes",
      [publicPort]: "Balancer",
    });
    for (const { SecurityGroupIngress } of properties(templates.server, "AWS::EC2::SecurityGroup"))
      expect(SecurityGroupIngress).toBeUndefined();
  });

  it("may do what a node does, fetch their code and one secret, and nothing else", () => {
    const logging = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"];
    const reading = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"];
    expect(grantsOf(templates.server, nodeRole()).sort()).toEqual(
      [
        ...grantsIn(nodeAccess),
        ...logging,
        ...reading,
        ...["cloudformation:SignalResource", "bucket.GetObject"],
      ].sort(),
    );
    const secrets = statementsOf(templates.server, nodeRole()).filter(({ Action }) =>
      [Action].flat().includes("secretsmanager:GetSecretValue"),
    );
    expect(JSON.stringify(secrets.map(({ Resource }) => Resource))).toMatch(
      /^\[\{"Fn::ImportValue":"[^"]*ManagementSecret[^"]*"\}\]$/,
    );
  });

  it("start by a script that a shell understands", () => {
    const userData = launchTemplate().UserData as { "Fn::Base64": { "Fn::Join": [string, unknown[]] } };
    const [, parts] = userData["Fn::Base64"]["Fn::Join"];
    const script = parts.map((part) => (typeof part === "string" ? part : "token")).join("");
    execFileSync("bash", ["-n"], { input: script });
    expect(script).toContain("ExecStart=/usr/bin/node-24 /opt/encore/main.mjs");
    expect(script).toContain("TOKEN_PUBLIC_KEYS='token'");
  });
});

describe("The one origin", () => {
  type Behaviour = {
    readonly PathPattern?: string;
    readonly CachePolicyId: string;
    readonly OriginRequestPolicyId: string;
    readonly TargetOriginId: string;
    readonly ViewerProtocolPolicy: string;
    readonly AllowedMethods: readonly string[];
  };
  type Config = {
    readonly Aliases: string[];
    readonly CacheBehaviors: Behaviour[];
    readonly DefaultCacheBehavior: Behaviour;
    readonly Origins: (Record<string, unknown> & { Id: string })[];
  };
  /** Ids of AWS's managed policies (CloudFront developer guide). */
  const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
  const allViewer = "216adef6-5c7f-47e4-b989-5492eafa07d3";
  const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
  const config = () => theOnly(templates.front, "AWS::CloudFront::Distribution").DistributionConfig as Config;
  const originOf = ({ TargetOriginId }: Behaviour) => {
    const origin = config().Origins.find(({ Id }) => Id === TargetOriginId);
    if (origin?.VpcOriginConfig) return "nodes";
    return /WebSocketApi|HttpApi/.exec(JSON.stringify(origin?.DomainName))?.[0];
  };

  it("has each path at what serves it", () => {
    const { Aliases, CacheBehaviors, DefaultCacheBehavior } = config();
    expect(Aliases).toEqual(["encore.example"]);
    expect(originOf(DefaultCacheBehavior)).toBe("nodes");
    const found = CacheBehaviors.map((behaviour) => [behaviour.PathPattern, originOf(behaviour)]);
    expect(Object.fromEntries(found)).toEqual({
      "/api/*": "HttpApi",
      "/gateway": "WebSocketApi",
      "/stream/*": "nodes",
      "/covers/*": "nodes",
      "/live": "nodes",
      "/assets/*": "nodes",
      "/docs/assets/*": "nodes",
    });
  });

  it("keeps nothing but the player's own files, and hands cookies, queries and ranges on", () => {
    const { CacheBehaviors, DefaultCacheBehavior } = config();
    const kept = CacheBehaviors.filter(({ CachePolicyId }) => CachePolicyId !== cachingDisabled);
    expect(kept.map(({ PathPattern }) => PathPattern).sort()).toEqual(["/assets/*", "/docs/assets/*"]);
    expect(DefaultCacheBehavior.CachePolicyId).toBe(cachingDisabled);
    for (const behaviour of [...CacheBehaviors, DefaultCacheBehavior]) {
      const wanted = originOf(behaviour) === "nodes" ? allViewer : allViewerExceptHost;
      expect(behaviour.OriginRequestPolicyId).toBe(wanted);
      expect(behaviour.ViewerProtocolPolicy).toBe("redirect-to-https");
    }
  });

  it("finds the WebSocket API's stage at the path that clients use", () => {
    const stages = properties(templates.front, "AWS::ApiGatewayV2::Stage").map(({ StageName }) => StageName);
    expect(stages.sort()).toEqual(["$default", "gateway"]);
    for (const origin of config().Origins) expect(origin).not.toHaveProperty("OriginPath");
  });

  it("vouches for the viewer's address with a secret, to the API alone", () => {
    const vouched = config().Origins.filter(({ OriginCustomHeaders }) => OriginCustomHeaders !== undefined);
    expect(vouched).toHaveLength(1);
    expect(JSON.stringify(vouched)).toMatch(/HttpApi.*x-encore-edge.*resolve:secretsmanager.*EdgeSecret/);
  });

  it("reaches the nodes inside the network only, and nobody else reaches them", () => {
    templates.front.hasResourceProperties("AWS::ElasticLoadBalancingV2::LoadBalancer", {
      Scheme: "internal",
    });
    const ingress = theOnly(templates.front, "AWS::EC2::SecurityGroupIngress");
    expect(ingress).toMatchObject({ FromPort: 80, ToPort: 80 });
    const [finder] = resources(templates.front, "Custom::VpcOriginGroup").map(([id]) => id);
    expect(ingress.SourceSecurityGroupId).toEqual({
      "Fn::GetAtt": [finder, "SecurityGroups.0.GroupId"],
    });
  });

  it("closes idle connections to a node before the node does, and none that is alive", () => {
    const balancer = theOnly(templates.front, "AWS::ElasticLoadBalancingV2::LoadBalancer");
    expect(balancer.LoadBalancerAttributes).toContainEqual({
      Key: "idle_timeout.timeout_seconds",
      Value: String(balancerIdleSeconds),
    });
    expect(balancerIdleSeconds * 1000).toBeLessThan(serverOptions("silent").keepAliveTimeout ?? 0);
    // Twice the heartbeat of a node's live connections.
    expect(balancerIdleSeconds).toBeGreaterThan(60);
  });
});

describe("The network", () => {
  it("reaches DynamoDB and S3 by gateway endpoints, and all else by one NAT", () => {
    const endpoints = properties(templates.front, "AWS::EC2::VPCEndpoint").map(
      ({ ServiceName, VpcEndpointType }) => [
        /dynamodb|s3/.exec(JSON.stringify(ServiceName))?.[0],
        VpcEndpointType,
      ],
    );
    expect(Object.fromEntries(endpoints)).toEqual({ dynamodb: "Gateway", s3: "Gateway" });
    templates.front.resourceCountIs("AWS::EC2::NatGateway", 1);
  });
});

describe("No template", () => {
  const all = () => [templates.data, templates.front, templates.functions, templates.server];

  it("has a policy for every action", () => {
    for (const template of all())
      for (const [role] of resources(template, "AWS::IAM::Role"))
        for (const { Action } of statementsOf(template, role))
          for (const action of [Action].flat()) expect(action).not.toContain("*");
  });

  it("has a log that is kept for ever", () => {
    for (const template of all())
      for (const { RetentionInDays } of properties(template, "AWS::Logs::LogGroup"))
        expect(RetentionInDays).toBe(30);
  });

  it("knows an account or a region", () => {
    for (const template of all())
      expect(JSON.stringify(template.toJSON())).not.toMatch(
        /arn:aws:(?!acm:us-east-1:000000000000:)[a-z0-9-]+:[a-z0-9-]+:\d{12}:/,
      );
  });
});
