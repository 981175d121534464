import { describe, expect, test } from "vitest";
import { createVerifier } from "../../../../infra/local/signatures/verify.ts";

/** The examples of the S3 API reference ("Authenticating Requests: Using the Authorization Header" and "… Query Parameters"). */
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const signedAt = Date.UTC(2013, 4, 24);
const host = "examplebucket.s3.amazonaws.com";
const noBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const verifierAt = (now: number) => createVerifier({ credentials, service: "s3", now: () => now });

type Example = {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payloadHash?: string;
  readonly signedHeaders: string;
  readonly signature: string;
};

const examples: Readonly<Record<string, Example>> = {
  "a range of an object": {
    url: "/test.txt",
    headers: { range: "bytes=0-9" },
    signedHeaders: "host;range;x-amz-content-sha256;x-amz-date",
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  "an object put": {
    method: "PUT",
    url: "/test$file.text",
    headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    signedHeaders: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  "a query without a value": {
    url: "/?lifecycle",
    signedHeaders: "host;x-amz-content-sha256;x-amz-date",
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  "a listing": {
    url: "/?max-keys=2&prefix=J",
    signedHeaders: "host;x-amz-content-sha256;x-amz-date",
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
};

const requestOf = ({ method = "GET", url, headers = {}, payloadHash = noBody, ...signed }: Example) => ({
  method,
  url,
  headers: {
    host,
    ...headers,
    "x-amz-content-sha256": payloadHash,
    "x-amz-date": "20130524T000000Z",
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signed.signedHeaders},Signature=${signed.signature}`,
  },
});

describe("a signature of the documentation's examples", () => {
  for (const [name, example] of Object.entries(examples))
    test(`of ${name} is right, and of nothing else`, () => {
      const request = requestOf(example);
      const { verify } = verifierAt(signedAt);
      expect(verify(request).payloadHash).toBe(request.headers["x-amz-content-sha256"]);
      const others: Partial<typeof request>[] = [
        { method: "DELETE" },
        { url: `${request.url}x` },
        { headers: { ...request.headers, host: "other.example" } },
        { headers: { ...request.headers, "x-amz-content-sha256": noBody.replace("e", "f") } },
        {
          headers: {
            ...request.headers,
            authorization: request.headers.authorization.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
          },
        },
      ];
      for (const other of others)
        expect(() => verify({ ...request, ...other }), JSON.stringify(other)).toThrow(
          /not that of this request/,
        );
    });

  test("of a presigned URL is right until it expires, and the second time too", () => {
    const query = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
      "X-Amz-Date=20130524T000000Z",
      "X-Amz-Expires=86400",
      "X-Amz-SignedHeaders=host",
      "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    ];
    const request = { method: "GET", url: `/test.txt?${query.join("&")}`, headers: { host } };
    let now = signedAt;
    const { verify } = createVerifier({ credentials, service: "s3", now: () => now });
    verify(request);
    now += 86_399_999;
    expect(verify(request)).toMatchObject({ signedHeaders: ["host"], payloadHash: "UNSIGNED-PAYLOAD" });
    // What is remembered is of this request alone.
    expect(() => verify({ ...request, method: "PUT" })).toThrow();
    expect(() => verify({ ...request, headers: { host: "other.example" } })).toThrow();
    expect(() => verify({ ...request, headers: { host, "x-amz-tagging": "a=b" } })).toThrow(/must be signed/);
    expect(() => verify({ ...request, url: request.url.replace("86400", "86401") })).toThrow();
    now += 1;
    expect(() => verify(request)).toThrow("Request has expired");
    expect(() => verifierAt(signedAt - 15 * 60_000 - 1).verify(request)).toThrow("not valid yet");
  });

  test("is refused a quarter of an hour before and after, with another key, and where a header is not in it", () => {
    const [example] = Object.values(examples);
    if (!example) throw new Error("no example");
    const request = requestOf(example);
    for (const skew of [-900_001, 900_001])
      expect(() => verifierAt(signedAt + skew).verify(request)).toThrow(/difference between/);
    for (const skew of [-900_000, 900_000]) verifierAt(signedAt + skew).verify(request);
    const other = { ...credentials, accessKeyId: "AKIAOTHER" };
    const stranger = createVerifier({ credentials: other, service: "s3", now: () => signedAt });
    expect(() => stranger.verify(request)).toThrow(/access key/);
    const more = { ...request, headers: { ...request.headers, "x-amz-acl": "public-read" } };
    expect(() => verifierAt(signedAt).verify(more)).toThrow("The header x-amz-acl must be signed");
  });
});
