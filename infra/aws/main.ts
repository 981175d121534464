import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "./app.ts";
import { bundleCode } from "./bundle.ts";

// Without these the templates can be read and checked, but not deployed.
const {
  ENCORE_DOMAIN: domainName = "encore.example",
  ENCORE_CERTIFICATE_ARN: certificateArn = "arn:aws:acm:us-east-1:000000000000:certificate/none",
} = process.env;

const code = await bundleCode(await mkdtemp(join(tmpdir(), "encore-bundle-")));
createApp({ code, domainName, certificateArn }).app.synth();
