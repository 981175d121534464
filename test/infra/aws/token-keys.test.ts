import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readPublicKeys, readTokenConfig } from "../../../core/domain/accounts/config.ts";
import { createTokenSigner, createTokenVerifier } from "../../../core/domain/accounts/tokens.ts";
import { handler, type KeyRequest } from "../../../infra/aws/token-keys/handler.ts";

type Answer = {
  readonly Status: string;
  readonly PhysicalResourceId: string;
  readonly NoEcho: boolean;
  readonly Data?: { readonly PrivateKey: string; readonly KeyId: string; readonly PublicKeys: string };
};

/** What CloudFormation is told, at a URL of S3 that is signed for one PUT without a content type. */
let cloudFormation: Server;
let url: string;
let answers: (Answer & Record<string, unknown>)[];
let status: number;

beforeAll(async () => {
  cloudFormation = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const isExpected = request.method === "PUT" && !request.headers["content-type"];
    if (isExpected) answers.push(JSON.parse(body));
    response.writeHead(isExpected ? status : 403).end();
  }).listen(0, "127.0.0.1");
  await once(cloudFormation, "listening");
  url = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/answer?signature=x`;
});
afterAll(() => void cloudFormation.close());
beforeEach(() => {
  answers = [];
  status = 200;
});

const ids = { StackId: "stack", RequestId: "request", LogicalResourceId: "TokenKeyPair" };
const ask = (RequestType: KeyRequest["RequestType"], PhysicalResourceId?: string) =>
  handler({ RequestType, ResponseURL: url, ...ids, ...(PhysicalResourceId && { PhysicalResourceId }) });

describe("The maker of token keys", () => {
  it("makes a pair that signs access tokens and checks them", async () => {
    await ask("Create");
    const [answer] = answers;
    expect(answer).toMatchObject({ ...ids, Status: "SUCCESS", NoEcho: true });
    const { PrivateKey, KeyId, PublicKeys } = answer?.Data ?? { PrivateKey: "", KeyId: "", PublicKeys: "" };
    const clock = { now: () => new Date() };
    const env = { TOKEN_PRIVATE_KEY: PrivateKey, TOKEN_KEY_ID: KeyId, TOKEN_PUBLIC_KEYS: PublicKeys };
    const identity = { userId: "user", sessionId: "session", email: "a@example.com" };
    const token = createTokenSigner(readTokenConfig(env), clock).sign(identity);
    expect(createTokenVerifier(readPublicKeys(env), clock).verify(token)).toEqual(identity);
  });

  it("makes another when its resource changes, and is known by the key", async () => {
    await ask("Create");
    await ask("Update", "before");
    const [first, second] = answers;
    expect(first?.PhysicalResourceId).toBe(first?.Data?.KeyId);
    expect(second?.PhysicalResourceId).not.toBe(first?.PhysicalResourceId);
  });

  it("makes none when its resource goes", async () => {
    await ask("Delete", "before");
    expect(answers).toEqual([{ ...ids, Status: "SUCCESS", NoEcho: true, PhysicalResourceId: "before" }]);
  });

  it("stays within what CloudFormation takes as an answer, 4 KB", async () => {
    await ask("Create");
    expect(Buffer.byteLength(JSON.stringify(answers[0]))).toBeLessThan(4096);
  });

  it("fails where its answer is refused, so that its log says so", async () => {
    status = 403;
    await expect(ask("Create")).rejects.toThrow("403");
  });
});
