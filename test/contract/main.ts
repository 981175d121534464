import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { demoAccounts, demoPassword } from "../../infra/local/demo/accounts.ts";
import { type ApiClient, loginAt, registerAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";

/**
 * `npm run test:contract`: schemathesis makes requests from the OpenAPI document, valid and not, against all of Encore in
 * this process, as each role in turn; what may be refused beyond the schemas says `schemathesis.toml`. Ends with 1 where an
 * answer was a server error, of a status that the document does not have, or refused a valid request. 100 examples take
 * some 10 minutes a role.
 */
const { values } = parseArgs({
  options: {
    /** Of each operation and role. */
    examples: { type: "string", default: "100" },
    roles: { type: "string", default: "none,listener,curator,ops" },
    seed: { type: "string" },
  },
});

/** The path of the program, where it is not on the PATH. */
const named = process.env.SCHEMATHESIS ?? "schemathesis";
const program = named.includes("/") ? resolve(named) : named;
const config = fileURLToPath(new URL("../../schemathesis.toml", import.meta.url));
/** They end the session or the account by which the others are tried, so each has an account of its own. */
const endings = ["deleteMe", "logout", "endSession", "changePassword"];

const isThere = await run([program, "--version"]).catch(() => undefined);
if (isThere !== 0) {
  console.error(
    'schemathesis is not installed: "pip install schemathesis" in a virtual environment (Python 3.10 or newer), and name its program in SCHEMATHESIS',
  );
  process.exit(2);
}

const encore = await startTestEncore({ demoTracks: 3, env: { THROTTLE_SCALE: "1000000" } });
// schemathesis keeps what failed in the folder where it runs, to try it again.
const folder = await mkdtemp(join(tmpdir(), "encore-contract-"));
try {
  for (const role of values.roles.split(",")) await tryAs(role);
} finally {
  await encore.close();
  await rm(folder, { recursive: true, force: true });
}

async function tryAs(role: string): Promise<void> {
  console.log(`\nAs ${role === "none" ? "nobody" : role}`);
  const account = demoAccounts.find((one) => one.role === role);
  if (!account) return tryOperations(undefined, []);
  const client = await loginAt(encore.url, account.email, demoPassword(process.env));
  await tryOperations(
    client,
    endings.flatMap((operation) => ["--exclude-operation-id", operation]),
  );
  if (role !== "listener") return;
  for (const operation of endings)
    await tryOperations(await registerAt(encore.url), ["--include-operation-id", operation]);
}

async function tryOperations(client: ApiClient | undefined, choice: readonly string[]): Promise<void> {
  const command = [
    ...[program, "--config-file", config, "run", `${encore.url}/api/openapi.json`],
    ...["--max-examples", values.examples, "--continue-on-failure"],
    ...(values.seed ? ["--seed", values.seed] : []),
    ...(client ? ["--header", `Authorization: Bearer ${client.accessToken}`] : []),
    ...choice,
  ];
  if ((await run(command, folder)) !== 0) process.exitCode = 1;
}

/** @returns the exit code */
async function run([command = "", ...words]: string[], cwd = process.cwd()): Promise<number> {
  const child = spawn(command, words, { stdio: "inherit", cwd });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
