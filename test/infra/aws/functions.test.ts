import { beforeAll, describe, expect, it } from "vitest";
import { accessOf } from "../../../infra/aws/access.ts";
import { type FunctionName, functionNames } from "../../../infra/aws/bundle.ts";
import { restFallback, restRoutes } from "../../../lambdas/routes/rest.ts";
import { webSocketRoutes } from "../../../lambdas/routes/websocket.ts";
import { grantsIn, grantsOf, statementsOf } from "./grants.ts";
import {
  functionOf,
  properties,
  resources,
  roleOf,
  synthesise,
  type Templates,
  variablesOf,
} from "./templates.ts";

let templates: Templates;
beforeAll(async () => {
  templates = await synthesise();
}, 120_000);

const routes = () => properties(templates.functions, "AWS::ApiGatewayV2::Route");
const idOf = (name: FunctionName) => functionOf(templates.functions, name)[0];

describe("The REST API", () => {
  const functionBehind = (target: unknown): unknown => {
    const parts = (target as { "Fn::Join": [string, unknown[]] })["Fn::Join"][1];
    const reference = parts.find((part) => typeof part === "object") as { Ref: string };
    return templates.functions.toJSON().Resources[reference.Ref].Properties.IntegrationUri["Fn::GetAtt"][0];
  };

  it("has every route of the table, to the function of its area, and no other", () => {
    const found = routes().filter(({ RouteKey }) => String(RouteKey).includes(" "));
    const wanted = [...restRoutes, restFallback].map(({ method, path, area }) => [
      `${method} ${path}`,
      idOf(area),
    ]);
    expect(
      Object.fromEntries(found.map(({ RouteKey, Target }) => [RouteKey, functionBehind(Target)])),
    ).toEqual(Object.fromEntries(wanted));
  });
});

describe("The WebSocket API", () => {
  it("has the routes of the table", () => {
    const keys = routes()
      .map(({ RouteKey }) => String(RouteKey))
      .filter((key) => !key.includes(" "));
    expect(keys.sort()).toEqual([...webSocketRoutes].sort());
  });

  it("asks the authoriser before it connects, and needs no header that a browser cannot send", () => {
    const guarded = routes().filter(({ AuthorizationType }) => AuthorizationType === "CUSTOM");
    expect(guarded.map(({ RouteKey }) => RouteKey)).toEqual(["$connect"]);
    const [[id, authorizer] = []] = resources(templates.functions, "AWS::ApiGatewayV2::Authorizer");
    expect(guarded[0]?.AuthorizerId).toEqual({ Ref: id });
    expect(authorizer?.Properties).toMatchObject({ AuthorizerType: "REQUEST", IdentitySource: [] });
    expect(JSON.stringify(authorizer?.Properties.AuthorizerUri)).toContain(idOf("socket-authorizer"));
  });
});

describe("What runs by the clock", () => {
  it("sweeps objects once a day", () => {
    const [rule, ...others] = properties(templates.functions, "AWS::Events::Rule");
    expect(others).toEqual([]);
    expect(rule).toMatchObject({
      ScheduleExpression: "rate(1 day)",
      State: "ENABLED",
      Targets: [{ Arn: { "Fn::GetAtt": [idOf("sweep-objects"), "Arn"] } }],
    });
    const permissions = properties(templates.functions, "AWS::Lambda::Permission");
    expect(permissions.filter(({ Principal }) => Principal === "events.amazonaws.com")).toHaveLength(1);
  });
});

describe("Each function", () => {
  const streamsOf: Partial<Record<FunctionName, readonly string[]>> = {
    push: ["subscription", "login", "session", "connection", "music", "upload"],
    "index-music": ["music"],
    "process-uploads": ["upload"],
  };
  const streamActions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

  it.each(functionNames)("%s may do what it needs, and nothing else", (name) => {
    const streams = streamsOf[name] ?? [];
    const wanted = [
      ...grantsIn(accessOf[name]),
      ...streams.flatMap((table) => streamActions.map((action) => `stream of ${table}.${action}`)),
      ...(streams.length > 0 ? ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"] : []),
      ...(accessOf[name].reaches ? ["execute-api:ManageConnections"] : []),
      ...(["auth", "push", "ops"].includes(name) ? ["kms:Decrypt"] : []),
    ];
    expect(grantsOf(templates.functions, roleOf(templates.functions, name)).sort()).toEqual(wanted.sort());
  });

  it.each(functionNames)("%s is allowed no action and no resource by wildcard alone", (name) => {
    for (const { Action, Resource } of statementsOf(templates.functions, roleOf(templates.functions, name))) {
      for (const action of [Action].flat()) expect(action).not.toContain("*");
      for (const resource of [Resource].flat()) expect(resource).not.toBe("*");
    }
  });

  it.each(functionNames)("%s has the secrets that it needs and no other", (name) => {
    const secrets = Object.entries(variablesOf(templates.functions, name)).flatMap(([variable, value]) =>
      JSON.stringify(value).includes("{{resolve:secretsmanager:") ? [variable] : [],
    );
    const wanted: Partial<Record<FunctionName, string[]>> = {
      auth: ["TOKEN_PRIVATE_KEY", "EDGE_SECRET"],
      push: ["MANAGEMENT_SECRET"],
      ops: ["MANAGEMENT_SECRET"],
    };
    expect(secrets.sort()).toEqual((wanted[name] ?? []).sort());
    const { KmsKeyArn } = functionOf(templates.functions, name)[1].Properties;
    if (secrets.length > 0) expect(JSON.stringify(KmsKeyArn)).toContain("EnvironmentKey");
  });

  it.each(functionNames)("%s is told what its code asks for", (name) => {
    const has = (variable: string) => Object.hasOwn(variablesOf(templates.functions, name), variable);
    const { tables, objects, keys, reaches } = accessOf[name];
    expect(has("TABLE_PREFIX")).toBe(Object.keys(tables).length > 0);
    expect(has("MUSIC_BUCKET")).toBe(objects !== undefined);
    expect(has("TOKEN_PUBLIC_KEYS")).toBe(keys !== "none");
    expect(has("ALLOWED_ORIGINS")).toBe(keys !== "none");
    expect(has("GATEWAY_MANAGEMENT_ENDPOINT")).toBe(reaches !== undefined);
    expect(has("MANAGEMENT_SECRET")).toBe(reaches !== undefined);
    expect(has("ENDPOINT_NETWORKS")).toBe(reaches === "every session");
    expect(has("LIVE_NODE_URL") && has("LIVE_GATEWAY_URL")).toBe(name === "live");
  });

  it("runs on arm64 with Node.js 24, and keeps its log for a month", () => {
    const found = properties(templates.functions, "AWS::Lambda::Function");
    expect(found).toHaveLength(functionNames.length);
    for (const one of found) expect(one).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"] });
    const timeoutOf = (name: FunctionName) => functionOf(templates.functions, name)[1].Properties.Timeout;
    for (const name of functionNames)
      expect(timeoutOf(name)).toBe(["sweep-objects", "process-uploads"].includes(name) ? 900 : 29);
    const groups = properties(templates.functions, "AWS::Logs::LogGroup");
    expect(groups.map(({ RetentionInDays }) => RetentionInDays)).toEqual(functionNames.map(() => 30));
  });

  it("is inside the network where it calls nodes, and nowhere else", () => {
    const inside = functionNames.filter(
      (name) => functionOf(templates.functions, name)[1].Properties.VpcConfig !== undefined,
    );
    expect(inside).toEqual(["ops", "push"]);
  });

  it("rings when it fails, falls behind its streams, or gives records up", () => {
    const alarms = properties(templates.functions, "AWS::CloudWatch::Alarm");
    const count = (metric: string) => alarms.filter(({ MetricName }) => MetricName === metric).length;
    expect(count("Errors")).toBe(functionNames.length);
    expect(count("IteratorAge")).toBe(3);
    expect(count("ApproximateNumberOfMessagesVisible")).toBe(3);
    for (const { AlarmActions } of alarms) expect(JSON.stringify(AlarmActions)).toContain("Alarms");
  });
});

describe("The streams", () => {
  const mappings = () =>
    properties(templates.functions, "AWS::Lambda::EventSourceMapping").map((mapping) => ({
      ...mapping,
      table: /Table([a-z]+)[0-9A-F]{8}StreamArn/.exec(JSON.stringify(mapping.EventSourceArn))?.[1] ?? "",
      handler: (mapping.FunctionName as { Ref: string }).Ref,
    }));

  it("invoke push, index-music and process-uploads", () => {
    const found = mappings().map(({ table, handler }) => `${table} ${handler}`);
    const pushed = ["subscription", "login", "session", "connection", "music", "upload"];
    const wanted = [
      ...pushed.map((table) => `${table} ${idOf("push")}`),
      `music ${idOf("index-music")}`,
      `upload ${idOf("process-uploads")}`,
    ];
    expect(found.sort()).toEqual(wanted.sort());
  });

  it("halve what fails, try it a bounded number of times, and tell of what is lost", () => {
    const bounds = {
      [idOf("push")]: {
        MaximumRetryAttempts: 5,
        MaximumRecordAgeInSeconds: 3_600,
        ParallelizationFactor: 10,
      },
      [idOf("index-music")]: { MaximumRetryAttempts: 100, MaximumRecordAgeInSeconds: 43_200 },
      [idOf("process-uploads")]: {
        MaximumRetryAttempts: 5,
        MaximumRecordAgeInSeconds: 21_600,
        ParallelizationFactor: 10,
        FilterCriteria: { Filters: [{ Pattern: expect.stringContaining('"anything-but":["processing"]') }] },
      },
    };
    for (const { handler, ...mapping } of mappings()) {
      expect(mapping).toMatchObject({
        StartingPosition: "TRIM_HORIZON",
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        ...bounds[handler],
      });
    }
  });

  it("lose nothing in the open: the queues of what is lost are encrypted", () => {
    const queues = properties(templates.functions, "AWS::SQS::Queue");
    expect(queues).toHaveLength(3);
    for (const queue of queues) expect(queue).toMatchObject({ SqsManagedSseEnabled: true });
  });
});
