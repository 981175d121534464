import { createHash, generateKeyPairSync } from "node:crypto";

/** What is used of a custom resource's request (CloudFormation user guide, "Custom resource request objects"). */
export type KeyRequest = {
  readonly RequestType: "Create" | "Update" | "Delete";
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
};

type Answer = { readonly PhysicalResourceId: string } & (
  | { readonly Status: "SUCCESS"; readonly NoEcho: true; readonly Data?: Readonly<Record<string, string>> }
  | { readonly Status: "FAILED"; readonly Reason: string }
);

/**
 * Makes the key pair of access tokens when its resource is made, and another whenever that changes. It keeps nothing:
 * the private key goes into a secret, as an answer that CloudFormation shows to nobody.
 */
export async function handler(request: KeyRequest): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = request;
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...answer(request) });
  // The URL is signed for an empty content type.
  const headers = { "content-type": "" };
  const { ok, status } = await fetch(ResponseURL, { method: "PUT", headers, body });
  if (!ok) throw new Error(`CloudFormation's answer was refused with ${status}`);
}

function answer({ RequestType, PhysicalResourceId = "none" }: KeyRequest): Answer {
  if (RequestType === "Delete") return { Status: "SUCCESS", NoEcho: true, PhysicalResourceId };
  try {
    const { keyId, privateKey, publicKey } = makeKeys();
    const Data = { PrivateKey: privateKey, KeyId: keyId, PublicKeys: JSON.stringify({ [keyId]: publicKey }) };
    return { Status: "SUCCESS", NoEcho: true, PhysicalResourceId: keyId, Data };
  } catch (error) {
    return { Status: "FAILED", Reason: String(error), PhysicalResourceId };
  }
}

/** PEM in base64: some of the places that the keys go through cannot hold line ends. */
function makeKeys() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    keyId: createHash("sha256").update(publicKey).digest("base64url").slice(0, 16),
    privateKey: Buffer.from(privateKey).toString("base64"),
    publicKey: Buffer.from(publicKey).toString("base64"),
  };
}
