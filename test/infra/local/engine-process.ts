import { startDynamoDb } from "../../../infra/local/dynamodb/engine.ts";
import { startS3 } from "../../../infra/local/s3/engine.ts";
import { testCredentials } from "../../support/engine-credentials.ts";

/** Run as a process of its own, so that it can be killed: `node engine-process.ts dynamodb|s3 <dataDir>`. */
const [, , kind, dataDir = ""] = process.argv;
const options = { dataDir, credentials: testCredentials };
const { endpoint } = await (kind === "s3" ? startS3(options) : startDynamoDb(options));
process.stdout.write(`${endpoint}\n`);
