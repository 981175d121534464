import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { listen } from "../../../infra/local/listen.ts";

/** What becomes of one request of a process to DynamoDB. */
export type Fate = "pass" | "throttled" | "failed" | "answer-lost" | "killed-before" | "killed-after";

export type DynamoDbProxy = {
  readonly endpoint: string;
  /** The requests after the next `after` ones meet these fates, one each. */
  arm(fates: readonly Fate[], after?: number): void;
  /** The next request for this operation meets this fate. */
  armNext(operation: string, fate: Fate): void;
  /** Every request for this operation, or every answer, comes so many milliseconds late. */
  delay(what: "request" | "answer", operation: string, ms: number): void;
  /** Every request passes again. */
  heal(): void;
  /** How many requests have been made. */
  requests(): number;
  close(): Promise<void>;
};

/** DynamoDB as one process sees it. @param kill ends that process at once (kill -9) */
export async function startDynamoDbProxy(target: string, kill: () => void): Promise<DynamoDbProxy> {
  const agent = new Agent({ keepAlive: true });
  const armed: Fate[] = [];
  const delays = new Map<string, number>();
  const armedNext = new Map<string, Fate>();
  let count = 0;

  const fateOf = (operation: string): Fate => {
    const fate = armedNext.get(operation);
    armedNext.delete(operation);
    return fate ?? armed.shift() ?? "pass";
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const fate = fateOf(operation);
    await wait(delays.get(`request ${operation}`) ?? 0);
    const late = () => wait(delays.get(`answer ${operation}`) ?? 0);
    await meet(fate, { target, agent, kill, late }, request, response);
  };

  const server = createServer((request, response) => {
    count++;
    answer(request, response).catch(() => response.destroy());
  });
  const { endpoint, close } = await listen(server, 0);
  return {
    endpoint,
    arm(fates, after = 0) {
      armed.splice(0, armed.length, ...Array<Fate>(after).fill("pass"), ...fates);
    },
    armNext: (operation, fate) => void armedNext.set(operation, fate),
    delay: (what, operation, ms) => void delays.set(`${what} ${operation}`, ms),
    heal() {
      armed.splice(0);
      armedNext.clear();
      delays.clear();
    },
    requests: () => count,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await close();
    },
  };
}

type Way = {
  readonly target: string;
  readonly agent: Agent;
  readonly kill: () => void;
  readonly late: () => Promise<void>;
};

async function meet(fate: Fate, way: Way, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  if (fate === "killed-before") {
    way.kill();
    response.destroy();
  } else if (fate === "throttled") refuse(response, 400, "ProvisionedThroughputExceededException");
  else if (fate === "failed") refuse(response, 500, "InternalServerError");
  else {
    const answer = await forward(way, request, body);
    await way.late();
    if (fate === "killed-after") way.kill();
    if (fate === "pass") response.writeHead(answer.status, answer.headers).end(answer.body);
    else response.destroy();
  }
}

function refuse(response: ServerResponse, status: number, type: string): void {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: "To order" });
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(body);
}

async function forward({ target, agent }: Way, { method, headers }: IncomingMessage, body: Buffer) {
  const outgoing = send(target, { method, agent, headers });
  const answered = Promise.withResolvers<IncomingMessage>();
  outgoing.on("response", answered.resolve).on("error", answered.reject).end(body);
  const answer = await answered.promise;
  return {
    status: answer.statusCode ?? 500,
    headers: answer.headers,
    body: Buffer.concat(await answer.toArray()),
  };
}
