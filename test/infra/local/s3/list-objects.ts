import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { startS3 } from "../../../../infra/local/s3/engine.ts";
import { verifyObjects } from "../../../../infra/local/s3/verify.ts";
import { createTestClient, credentials } from "./client.ts";

/** Run as a process of its own, with a limit of descriptors: `node list-objects.ts <dataDir> <bucket>`. */
const [, , dataDir = "", Bucket = ""] = process.argv;
const engine = await startS3({ dataDir, credentials });
const client = createTestClient(engine.endpoint);
const listed: (string | undefined)[] = [];
for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize: 100 }, { Bucket }))
  listed.push(...Contents.map(({ Key }) => Key));
client.destroy();
await engine.close();
const { whole, faults } = await verifyObjects(dataDir);
process.stdout.write(JSON.stringify({ listed, whole, faults }));
