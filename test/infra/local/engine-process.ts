import { startDynamoDb } from "../../../infra/local/dynamodb/engine.ts";
import { startS3 } from "../../../infra/local/s3/engine.ts";

/** Run as a process of its own, so that it can be killed: `node engine-process.ts dynamodb|s3 <dataDir>`. */
const [, , kind, dataDir = ""] = process.argv;
const credentials = { accessKeyId: "test-key", secretAccessKey: "test-secret" };
const { endpoint } = await (kind === "s3" ? startS3({ dataDir, credentials }) : startDynamoDb({ dataDir }));
process.stdout.write(`${endpoint}\n`);
