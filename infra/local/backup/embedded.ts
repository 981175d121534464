import type { Environment } from "../../../core/domain/ports.ts";
import type { RunningEncore } from "../running.ts";
import { BackupError } from "./format.ts";

/**
 * What other engines keep is theirs to back up.
 * @throws BackupError
 */
export function assertEmbedded(running: RunningEncore | undefined, env: Environment): void {
  const others = running ? !running.embedded : env.AWS_ENDPOINT_URL_DYNAMODB || env.AWS_ENDPOINT_URL_S3;
  if (!others) return;
  throw new BackupError(
    "The tables or objects are not in the data folder: DynamoDB's point-in-time recovery is the tables' backup, " +
      "and a copy of the bucket the objects'; after a restore of tables run npm run renew-epochs (docs/backup.md)",
  );
}
