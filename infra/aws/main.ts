import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCdkApp } from "./app.ts";
import { bundleCode } from "./bundle.ts";

// Without these the templates can be read and checked, but not deployed.
const {
  ENCORE_DOMAIN: domainName = "encore.example",
  ENCORE_CERTIFICATE_ARN: certificateArn = "arn:aws:acm:us-east-1:000000000000:certificate/none",
  ENCORE_ALARM_EMAIL: alarmEmail,
} = process.env;

const folder = await mkdtemp(join(tmpdir(), "encore-bundle-"));
try {
  const code = await bundleCode(folder);
  createCdkApp({ code, domainName, certificateArn, alarmEmail }).app.synth();
} finally {
  // The assembly has copies of its own.
  await rm(folder, { recursive: true });
}
