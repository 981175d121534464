import { ulid } from "ulid";
import { createDatabase } from "../../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig } from "../../../core/aws/config.ts";
import { renewEpochs } from "../../../core/aws/renew-epochs.ts";
import { readRunning } from "../running.ts";

/**
 * `npm run renew-epochs`: after a table `subscription` was restored, gives every user's head a new epoch. The tables are
 * those of the Encore that runs on the data folder, else those that the SDK's environment names.
 */
const running = await readRunning(process.env.DATA_DIR || ".data");
const env = { ...process.env, ...running?.env };
const { tablePrefix } = readAwsConfig(env);
try {
  const renewed = await renewEpochs(createDatabase(tablePrefix, dynamoDbConfig(env)), ulid);
  console.log(`${renewed} lists have a new epoch`);
} catch (error) {
  console.error(
    `The epochs in ${tablePrefix}subscription were not all renewed; run it again: ${String(error)}`,
  );
  process.exitCode = 2;
}
