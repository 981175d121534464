import { App } from "aws-cdk-lib";
import type { Code } from "./bundle.ts";
import { DataStack } from "./stacks/data.ts";
import { FrontStack } from "./stacks/front.ts";
import { FunctionsStack } from "./stacks/functions.ts";
import { ServerStack } from "./stacks/server.ts";

export type CdkAppOptions = {
  readonly code: Code;
  /** The name that people know Encore by. */
  readonly domainName: string;
  /** Of a certificate for that name, in us-east-1. */
  readonly certificateArn: string;
  /** Who is told of alarms. */
  readonly alarmEmail?: string | undefined;
  readonly outdir?: string;
};

/** Encore's stacks, each knowing those before it. They are of no account and no region until they are deployed. */
export function createCdkApp({ code, domainName, certificateArn, alarmEmail, outdir }: CdkAppOptions) {
  const app = new App({
    ...(outdir && { outdir }),
    analyticsReporting: false,
    // What one stack takes from another cannot be taken away while it is used.
    context: { "@aws-cdk/core:defaultCrossStackReferences": "strong" },
  });
  const publicUrl = `https://${domainName}`;
  const data = new DataStack(app, "EncoreData", { publicUrl, tokenKeysCode: code.tokenKeys });
  const front = new FrontStack(app, "EncoreFront", {
    domainName,
    certificateArn,
    edgeSecret: data.edgeSecret,
    ...(alarmEmail && { alarmEmail }),
  });
  const functions = new FunctionsStack(app, "EncoreFunctions", {
    code: code.functions,
    data,
    front,
    publicUrl,
  });
  const server = new ServerStack(app, "EncoreServer", {
    code: code.server,
    data,
    front,
    publicUrl,
    reachesNodes: functions.reachesNodes,
  });
  return { app, data, front, functions, server };
}
