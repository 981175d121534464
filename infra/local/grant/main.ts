import { createAccountStore } from "../../../core/aws/account-store.ts";
import { createAuditLog } from "../../../core/aws/audit-store.ts";
import { grantRole } from "../../../core/domain/accounts/grant-role.ts";
import { systemClock } from "../../../core/domain/shared/system-clock.ts";
import { databaseFor } from "../../../lambdas/deps/stores.ts";
import { reachEngine } from "../reach-engine.ts";
import { explainStartError } from "../start-errors.ts";
import { UsageError } from "../usage-error.ts";
import { type GrantCommand, grantUsage, readGrantCommand } from "./command.ts";
import { reachTables } from "./tables.ts";

process.exitCode = await run().catch(explain);

/** @returns the exit code */
async function run(): Promise<number> {
  const command = readGrantCommand(process.argv.slice(2));
  if (command) await grant(command);
  else console.log(grantUsage);
  return 0;
}

async function grant(command: GrantCommand): Promise<void> {
  const { env, close } = await reachTables(process.env);
  try {
    const database = databaseFor(env);
    const deps = {
      accounts: createAccountStore(database),
      audit: createAuditLog(database, systemClock),
    };
    const { AWS_ENDPOINT_URL_DYNAMODB: endpoint = "" } = env;
    const account = await reachEngine("AWS_ENDPOINT_URL_DYNAMODB", endpoint, grantRole(deps, command));
    console.log(`${account.email} has the role ${account.role}`);
  } finally {
    await close();
  }
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(error.message);
    return 2;
  }
  const line = explainStartError(error, process.env.DATA_DIR || ".data");
  console.error(process.env.DEBUG ? error : `No role was granted: ${line}`);
  return 1;
}
