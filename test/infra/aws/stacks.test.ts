import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { physicalTableName, tables } from "../../../core/aws/tables.ts";
import { accessOf } from "../../../infra/aws/access.ts";
import { createApp } from "../../../infra/aws/app.ts";
import { type Code, type FunctionName, functionNames } from "../../../infra/aws/bundle.ts";
import { managementPort, tablePrefix } from "../../../infra/aws/names.ts";
import { restRoutes, webSocketRoutes } from "../../../lambdas/routes.ts";

type Resource = {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
};

let folder: string;
let data: Template;
let front: Template;
let functions: Template;
let server: Template;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-stacks-"));
  const app = createApp({
    code: await emptyCode(),
    domainName: "encore.example",
    certificateArn: "arn:aws:acm:us-east-1:000000000000:certificate/x",
    outdir: join(folder, "out"),
  });
  data = Template.fromStack(app.data);
  front = Template.fromStack(app.front);
  functions = Template.fromStack(app.functions);
  server = Template.fromStack(app.server);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The templates are what is looked at here; bundles have a test of their own. */
async function emptyCode(): Promise<Code> {
  const make = async (name: string) => {
    const path = join(folder, "code", name);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "index.mjs"), `export const name = "${name}";\n`);
    return path;
  };
  const paths = await Promise.all(functionNames.map(async (name) => [name, await make(name)] as const));
  return { functions: Object.fromEntries(paths) as Code["functions"], server: await make("server") };
}

const resources = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.toJSON().Resources as Record<string, Resource>).filter(
    ([, resource]) => resource.Type === type,
  );
const properties = (template: Template, type: string) =>
  resources(template, type).map(([, { Properties }]) => Properties);

describe("The tables", () => {
  it.each(tables)("$name is as the shared definition says", (table) => {
    const name = physicalTableName(tablePrefix, table.name);
    const found = properties(data, "AWS::DynamoDB::GlobalTable").find(({ TableName }) => TableName === name);
    const keysOf = ({ partitionKey, sortKey }: typeof table | (typeof table.globalIndexes)[number]) => [
      { AttributeName: partitionKey.name, KeyType: "HASH" },
      ...(sortKey ? [{ AttributeName: sortKey.name, KeyType: "RANGE" }] : []),
    ];
    const indexes = (list: typeof table.globalIndexes) =>
      list.map((index) => expect.objectContaining({ IndexName: index.name, KeySchema: keysOf(index) }));
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

  it("outlive their stack, as the bucket and the token keys do", () => {
    const lasting = ["AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"].flatMap((type) =>
      resources(data, type),
    );
    expect(lasting).toHaveLength(tables.length + 1);
    for (const [, { DeletionPolicy }] of lasting) expect(DeletionPolicy).toBe("Retain");
  });
});

describe("The bucket", () => {
  it("is private, encrypted, and forgets uploads that nobody finished", () => {
    data.hasResourceProperties("AWS::S3::Bucket", {
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
    data.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        ],
        Version: "2012-10-17",
      },
    });
  });
});

/** A function's logical id, by the file of its handler. */
function functionId(name: FunctionName): string {
  const wanted = name.replaceAll("-", "");
  const found = resources(functions, "AWS::Lambda::Function").find(([id]) =>
    new RegExp(`^${wanted}[0-9A-F]{8}$`, "i").test(id),
  );
  if (!found) throw new Error(`No function ${name}`);
  return found[0];
}

describe("The REST API", () => {
  const integrationOf = (target: unknown): unknown => {
    const parts = (target as { "Fn::Join": [string, unknown[]] })["Fn::Join"][1];
    const reference = parts.find((part) => typeof part === "object") as { Ref: string };
    return functions.toJSON().Resources[reference.Ref].Properties.IntegrationUri["Fn::GetAtt"][0];
  };

  it("has every route of the table, to the function of its area, and no other", () => {
    const routes = properties(functions, "AWS::ApiGatewayV2::Route").filter(({ RouteKey }) =>
      String(RouteKey).includes(" "),
    );
    const found = Object.fromEntries(routes.map(({ RouteKey, Target }) => [RouteKey, integrationOf(Target)]));
    const wanted = restRoutes.map(({ method, path, area }) => [`${method} ${path}`, functionId(area)]);
    expect(found).toEqual(Object.fromEntries(wanted));
  });
});

describe("The WebSocket API", () => {
  it("chooses by a message's type, among the routes of the table", () => {
    front.hasResourceProperties("AWS::ApiGatewayV2::Api", {
      ProtocolType: "WEBSOCKET",
      RouteSelectionExpression: "$request.body.type",
    });
    const keys = properties(functions, "AWS::ApiGatewayV2::Route")
      .map(({ RouteKey }) => String(RouteKey))
      .filter((key) => !key.includes(" "));
    expect(keys.sort()).toEqual([...webSocketRoutes].sort());
  });

  it("asks the authoriser before it connects, and needs no header that a browser cannot send", () => {
    functions.hasResourceProperties("AWS::ApiGatewayV2::Route", {
      RouteKey: "$connect",
      AuthorizationType: "CUSTOM",
      AuthorizerId: Match.anyValue(),
    });
    const [authorizer] = properties(functions, "AWS::ApiGatewayV2::Authorizer");
    expect(authorizer).toMatchObject({ AuthorizerType: "REQUEST", IdentitySource: [] });
    expect(JSON.stringify(authorizer?.AuthorizerUri)).toContain(functionId("socket-authorizer"));
  });
});

type Statement = { Action: string | string[]; Resource: unknown; Effect: string };

/** What a role may do beyond writing its log: `table.Action`, `prefix/Action` or the action alone. */
function allowed(template: Template, role: string): string[] {
  const policies = properties(template, "AWS::IAM::Policy").filter(({ Roles }) =>
    (Roles as { Ref: string }[]).some(({ Ref }) => Ref === role),
  );
  return policies
    .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement)
    .flatMap((statement) =>
      [statement.Action].flat().flatMap((action) => describeGrant(action, statement.Resource)),
    )
    .sort();
}

function describeGrant(action: string, resource: unknown): string[] {
  const text = JSON.stringify(resource);
  const table = /Table(login|session|music|subscription|connection|audit)[0-9A-F]{8}/.exec(text)?.[1];
  const [service, name = ""] = action.split(":");
  if (service === "dynamodb" && table) return [`${table}.${name}`];
  if (service === "s3") return [...text.matchAll(/\/(\w+)\/\*/g)].map(([, prefix]) => `${prefix}/${name}`);
  return [action];
}

describe("Each function", () => {
  const roleOf = (name: FunctionName) => {
    const { Role } = functions.toJSON().Resources[functionId(name)].Properties;
    return (Role as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"][0];
  };
  const readsStreams: Partial<Record<FunctionName, readonly string[]>> = {
    push: ["subscription", "login", "session", "connection"],
    "index-music": ["music"],
  };

  it.each(functionNames)("%s may do what it needs, and nothing else", (name) => {
    const { tables: access, objects, reaches } = accessOf[name];
    const streamed = readsStreams[name] ?? [];
    const wanted = [
      ...Object.entries(access).flatMap(([table, actions]) => actions.map((action) => `${table}.${action}`)),
      ...(objects?.prefixes.flatMap((prefix) => objects.actions.map((action) => `${prefix}/${action}`)) ??
        []),
      ...(reaches ? ["execute-api:ManageConnections"] : []),
      ...streamed.flatMap((table) =>
        ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
          (action) => `${table}.${action}`,
        ),
      ),
    ];
    const lost = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"];
    const found = allowed(functions, roleOf(name)).filter((grant) => !lost.includes(grant));
    expect([...new Set(found)]).toEqual([...new Set(wanted)].sort());
  });

  it("runs on arm64 with Node.js 24, keeps its log for a month, and has an alarm", () => {
    const found = properties(functions, "AWS::Lambda::Function");
    expect(found).toHaveLength(functionNames.length);
    for (const one of found)
      expect(one).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], Timeout: 29 });
    const groups = properties(functions, "AWS::Logs::LogGroup");
    expect(groups).toHaveLength(functionNames.length);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(30);
    functions.resourceCountIs("AWS::CloudWatch::Alarm", functionNames.length + 2);
  });

  it.each(functionNames)("%s has the keys that it needs and no other", (name) => {
    const { Variables } = functions.toJSON().Resources[functionId(name)].Properties.Environment;
    const { keys, reaches } = accessOf[name];
    const has = (variable: string) => Object.hasOwn(Variables, variable);
    expect(has("TOKEN_PRIVATE_KEY")).toBe(keys === "private");
    expect(has("TOKEN_PUBLIC_KEYS")).toBe(keys !== "none");
    expect(has("MANAGEMENT_SECRET")).toBe(reaches !== undefined);
  });

  it("alone signs tokens: the one for sign-in", () => {
    expect(functionNames.filter((name) => accessOf[name].keys === "private")).toEqual(["auth"]);
  });
});

describe("The streams", () => {
  it("invoke push and index-music, halve what fails, and tell of what is lost", () => {
    const mappings = properties(functions, "AWS::Lambda::EventSourceMapping");
    expect(mappings).toHaveLength(5);
    for (const mapping of mappings)
      expect(mapping).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        MaximumRetryAttempts: 5,
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      });
  });
});

describe("The server nodes", () => {
  it("are replaced one after the other, by their readiness", () => {
    server.hasResource("AWS::AutoScaling::AutoScalingGroup", {
      Properties: { MinSize: "1", HealthCheckType: "ELB" },
      UpdatePolicy: {
        AutoScalingRollingUpdate: Match.objectLike({ MinInstancesInService: 1, MaxBatchSize: 1 }),
      },
    });
    server.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", { HealthCheckPath: "/readyz" });
  });

  it("have encrypted disks and no metadata without a token", () => {
    server.hasResourceProperties("AWS::EC2::LaunchTemplate", {
      LaunchTemplateData: Match.objectLike({
        MetadataOptions: { HttpTokens: "required" },
        BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ Encrypted: true }) })],
      }),
    });
  });

  it("open the management port to the functions that push, and SSH to nobody", () => {
    const rules = properties(server, "AWS::EC2::SecurityGroupIngress");
    const ports = rules.map(({ FromPort }) => FromPort);
    expect(ports).toContain(managementPort);
    expect(ports).not.toContain(22);
    for (const rule of rules) expect(rule.CidrIp).not.toBe("0.0.0.0/0");
    const [management] = rules.filter(({ FromPort }) => FromPort === managementPort);
    expect(JSON.stringify(management?.SourceSecurityGroupId)).toContain("ReachesNodes");
  });

  it("may read the audio and do what a node does", () => {
    const [role] = resources(server, "AWS::IAM::Role")
      .map(([id]) => id)
      .filter((id) => id.startsWith("NodeRole"));
    const found = allowed(server, role ?? "");
    expect(found).toContain("audio/GetObject");
    expect(found).toContain("connection.UpdateItem");
    expect(found.filter((grant) => /PutObject|DeleteObject|login\.(Put|Update|Delete)/.test(grant))).toEqual(
      [],
    );
  });
});

describe("The one origin", () => {
  it("is CloudFront, with each path at what serves it", () => {
    const [distribution] = properties(front, "AWS::CloudFront::Distribution");
    const config = distribution?.DistributionConfig as {
      Aliases: string[];
      CacheBehaviors: { PathPattern: string; CachePolicyId: string; TargetOriginId: string }[];
      DefaultCacheBehavior: { CachePolicyId: string };
    };
    const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
    expect(config.Aliases).toEqual(["encore.example"]);
    expect(config.DefaultCacheBehavior.CachePolicyId).toBe(cachingDisabled);
    const kept = config.CacheBehaviors.filter(({ CachePolicyId }) => CachePolicyId !== cachingDisabled);
    expect(kept.map(({ PathPattern }) => PathPattern).sort()).toEqual(["/assets/*", "/docs/assets/*"]);
    const paths = config.CacheBehaviors.map(({ PathPattern }) => PathPattern);
    expect(paths).toEqual(expect.arrayContaining(["/api/*", "/gateway", "/stream/*", "/covers/*", "/live"]));
  });

  it("reaches the nodes inside the network only", () => {
    front.hasResourceProperties("AWS::ElasticLoadBalancingV2::LoadBalancer", { Scheme: "internal" });
    front.resourceCountIs("AWS::CloudFront::VpcOrigin", 1);
  });
});

describe("No template", () => {
  it("has a policy for every action, or for everything", () => {
    for (const template of [data, front, functions, server])
      for (const { PolicyDocument } of properties(template, "AWS::IAM::Policy"))
        for (const { Action } of (PolicyDocument as { Statement: Statement[] }).Statement)
          for (const action of [Action].flat()) expect(action).not.toMatch(/^\*|^(dynamodb|execute-api):\*/);
  });

  it("knows an account", () => {
    for (const template of [data, front, functions, server])
      expect(JSON.stringify(template.toJSON())).not.toMatch(
        /arn:aws:[a-z0-9-]+:[a-z0-9-]*:(?!000000000000)\d{12}:/,
      );
  });
});
