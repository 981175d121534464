import * as ssm from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import type { Access } from "../access.ts";
import type { FunctionName } from "../bundle.ts";
import { gatewayPath, keyIdParameter, network, publicKeysParameter } from "../names.ts";
import type { DataStack } from "../stacks/data.ts";
import type { FrontStack } from "../stacks/front.ts";

export type Surroundings = {
  readonly data: DataStack;
  readonly front: FrontStack;
  readonly publicUrl: string;
};

type Variables = Record<string, string>;

/** What a function is told of its surroundings, beyond where its tables and objects are. Nothing of it is secret. */
export const plainVariables = (
  scope: Construct,
  name: FunctionName,
  { keys, reaches }: Access,
  { front, publicUrl }: Surroundings,
): Variables => ({
  ...(keys !== "none" && { ALLOWED_ORIGINS: publicUrl, TOKEN_PUBLIC_KEYS: publicKeys(scope) }),
  ...(keys === "private" && {
    TOKEN_KEY_ID: ssm.StringParameter.valueForStringParameter(scope, keyIdParameter),
  }),
  ...(name === "docs" && { PUBLIC_URL: publicUrl }),
  ...(name === "live" && liveTransports(publicUrl)),
  ...(reaches && { GATEWAY_MANAGEMENT_ENDPOINT: front.webSocketStage.callbackUrl }),
  ...(reaches === "every session" && { ENDPOINT_NETWORKS: network }),
  // Asked for by whatever may reach sessions; this function never calls a node, so it is not given the real one.
  ...(reaches === "sessions of the gateway" && { MANAGEMENT_SECRET: "no node is called from here" }),
});

/** What is secret, resolved by CloudFormation when it deploys; see the decision record for why it lies here. */
export const secretVariables = (
  { keys, reaches, countsCallers }: Access,
  { data }: Surroundings,
): Variables => ({
  ...(keys === "private" && { TOKEN_PRIVATE_KEY: data.tokenPrivateKey.secretValue.unsafeUnwrap() }),
  ...(countsCallers && { EDGE_SECRET: data.edgeSecret.secretValue.unsafeUnwrap() }),
  ...(reaches === "every session" && { MANAGEMENT_SECRET: data.managementSecret.secretValue.unsafeUnwrap() }),
});

/** Read anew at each deployment, so that new keys reach whoever checks tokens. */
export const publicKeys = (scope: Construct): string =>
  ssm.StringParameter.valueForStringParameter(scope, publicKeysParameter);

/** Where clients find the live endpoints. */
export function liveTransports(publicUrl: string): Variables {
  const url = publicUrl.replace("https:", "wss:");
  return { LIVE_NODE_URL: `${url}/live`, LIVE_GATEWAY_URL: `${url}${gatewayPath}` };
}
