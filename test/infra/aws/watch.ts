import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestAws } from "../../support/engines.ts";

export type Watch = {
  /** Where the engines are, for the one who is watched. */
  readonly env: Readonly<Record<"AWS_ENDPOINT_URL_DYNAMODB" | "AWS_ENDPOINT_URL_S3", string>>;
  /** What was done, as lines of `grantsOf`. */
  readonly used: ReadonlySet<string>;
  /** What was refused. */
  readonly refused: ReadonlySet<string>;
  close(): Promise<void>;
};

/**
 * Stands before the engines as IAM does before DynamoDB and S3: lets through what is allowed, refuses all else as AWS
 * does, and notes both.
 */
export async function watchAws(aws: TestAws, allowed: ReadonlySet<string>): Promise<Watch> {
  const used = new Set<string>();
  const refused = new Set<string>();
  const permit = (lines: readonly string[]): boolean => {
    for (const line of lines) (allowed.has(line) ? used : refused).add(line);
    return lines.every((line) => allowed.has(line));
  };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const target = request.headers["x-amz-target"];
    if (target !== undefined) {
      if (!permit(databaseLines(aws.tablePrefix, String(target), body))) return refuseDatabase(response);
      return void forward(aws.dynamodbEndpoint, request, body, response);
    }
    if (!permit([objectLine(aws.bucket, request)])) return refuseObject(response);
    // Whoever may not list a bucket is not told what is not in it.
    const answer = await forward(aws.s3Endpoint, request, body, response, ({ statusCode }) => {
      return statusCode !== 404 || request.method === "DELETE" || permit(["bucket.ListBucket"]);
    });
    if (!answer) refuseObject(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: { AWS_ENDPOINT_URL_DYNAMODB: url, AWS_ENDPOINT_URL_S3: url },
    used,
    refused,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type DatabaseRequest = {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
};

function databaseLines(tablePrefix: string, target: string, body: Buffer): string[] {
  const action = target.split(".")[1];
  const { TableName, IndexName, RequestItems = {} } = JSON.parse(body.toString()) as DatabaseRequest;
  const tables = TableName ? [TableName] : Object.keys(RequestItems);
  const index = IndexName ? `#${IndexName}` : "";
  return tables.map((table) => `${table.slice(tablePrefix.length)}${index}.${action}`);
}

/** The permission that each request needs (S3 user guide, "Required permissions for Amazon S3 API operations"). */
function objectLine(bucket: string, { method, url = "" }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, "http://s3");
  const [, ofBucket, prefix] = pathname.split("/");
  if (ofBucket === bucket && !prefix && searchParams.get("list-type") === "2") return "bucket.ListBucket";
  if (ofBucket !== bucket || !prefix) return `bucket.${method} ${pathname}`;
  const isPart = searchParams.has("uploadId");
  const action =
    method === "PUT" || method === "POST"
      ? "PutObject"
      : method === "DELETE"
        ? isPart
          ? "AbortMultipartUpload"
          : "DeleteObject"
        : isPart
          ? "ListMultipartUploadParts"
          : "GetObject";
  return `${prefix}/.${action}`;
}

/** @returns false where `passes` does not let the answer through, which is dropped then */
async function forward(
  endpoint: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  passes: (answer: IncomingMessage) => boolean = () => true,
): Promise<boolean> {
  const onward = send(`${endpoint}${url}`, { method: method ?? "GET", headers });
  onward.end(body);
  const [answer] = (await once(onward, "response")) as [IncomingMessage];
  if (!passes(answer)) {
    answer.resume();
    return false;
  }
  response.writeHead(answer.statusCode ?? 500, answer.headers);
  answer.pipe(response);
  response.once("close", () => answer.destroy());
  return true;
}

function refuseDatabase(response: ServerResponse): void {
  const body = { __type: "com.amazon.coral.service#AccessDeniedException", Message: "not authorized" };
  response.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
}

function refuseObject(response: ServerResponse): void {
  const body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
  response.writeHead(403, { "content-type": "application/xml" }).end(body);
}
