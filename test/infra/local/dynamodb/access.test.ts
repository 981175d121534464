import { request } from "node:http";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { testCredentials } from "../../../support/engine-credentials.ts";
import { startTestEngine } from "./harness.ts";

const clientOf = (endpoint: string, credentials: typeof testCredentials) =>
  new DynamoDBClient({ endpoint, region: "eu-central-1", credentials, maxAttempts: 1 });

test("a stranger is refused without a signature, with another key, and with another secret", async () => {
  const { endpoint } = await startTestEngine();
  const others: [Partial<typeof testCredentials>, string][] = [
    [{ accessKeyId: "local", secretAccessKey: "local-secret" }, "UnrecognizedClientException"],
    [{ secretAccessKey: "local-secret" }, "InvalidSignatureException"],
  ];
  for (const [other, name] of others) {
    const client = clientOf(endpoint, { ...testCredentials, ...other });
    await expect(client.send(new ListTablesCommand())).rejects.toMatchObject({ name });
    client.destroy();
  }
  expect(await post(endpoint, {})).toMatchObject({
    status: 400,
    type: "MissingAuthenticationTokenException",
  });
});

test("a request that a page made a browser send is refused, whatever its signature", async () => {
  const { endpoint } = await startTestEngine();
  const { headers, body } = await signedListing(endpoint);
  expect(await post(endpoint, headers, body)).toMatchObject({ status: 200 });
  for (const foreign of [
    { origin: "https://example.com" },
    { origin: "null" },
    { host: "rebound.example" },
    { host: "127.0.0.1.example" },
  ])
    expect(await post(endpoint, { ...headers, ...foreign }, body)).toMatchObject({
      status: 403,
      type: "AccessDeniedException",
    });
});

test("a body that is not the one that was signed is refused", async () => {
  const { endpoint } = await startTestEngine();
  const { headers } = await signedListing(endpoint);
  expect(await post(endpoint, headers, "[]")).toMatchObject({
    status: 400,
    type: "InvalidSignatureException",
  });
});

/** What the SDK sends for a listing of the tables. */
async function signedListing(endpoint: string) {
  const client = clientOf(endpoint, testCredentials);
  let sent: { headers: Record<string, string>; body: string } | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: string };
      sent = { headers: { ...headers }, body };
      return next(args);
    },
    { step: "finalizeRequest", priority: "low" },
  );
  await client.send(new ListTablesCommand());
  client.destroy();
  if (!sent) throw new Error("nothing was sent");
  return sent;
}

function post(endpoint: string, headers: Record<string, string>, body = "{}") {
  return new Promise<{ status: number; type: string }>((resolve, reject) => {
    const outgoing = request(endpoint, { method: "POST", headers }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      const { __type: type = "" } = JSON.parse(text) as { __type?: string };
      resolve({ status: response.statusCode ?? 0, type: type.replace(/.*#/, "") });
    });
    outgoing.on("error", reject).end(body);
  });
}
