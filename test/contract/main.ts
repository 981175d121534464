import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { demoAccounts, demoPassword } from "../../infra/local/demo/accounts.ts";
import { loginAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";

/**
 * `npm run test:contract`: schemathesis makes requests from the OpenAPI document, valid and not, against all of Encore in
 * this process, as each role in turn; what may be refused beyond the schemas says `schemathesis.toml`. Ends with 1 where an
 * answer was a server error, of a status that the document does not have, or refused a valid request.
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
const program = process.env.SCHEMATHESIS ?? "schemathesis";
/** They end the session or the account by which the others are tried. */
const endings = ["deleteMe", "logout", "endSession", "changePassword"];

const isThere = await run([program, "--version"]).catch(() => undefined);
if (isThere !== 0) {
  console.error(
    'schemathesis is not installed: "pip install schemathesis" in a virtual environment (Python 3.10 or newer), and name its program in SCHEMATHESIS',
  );
  process.exit(2);
}

const encore = await startTestEncore({ demoTracks: 1, env: { THROTTLE_SCALE: "1000000" } });
try {
  for (const role of values.roles.split(",")) process.exitCode = (await tryAs(role)) || process.exitCode || 0;
} finally {
  await encore.close();
}

async function tryAs(role: string): Promise<number> {
  console.log(`\nAs ${role === "none" ? "nobody" : role}`);
  const account = demoAccounts.find((one) => one.role === role);
  const signedIn = account
    ? [
        "--header",
        `Authorization: Bearer ${(await loginAt(encore.url, account.email, demoPassword(process.env))).accessToken}`,
        ...endings.flatMap((operation) => ["--exclude-operation-id", operation]),
      ]
    : [];
  return run([
    ...[program, "run", `${encore.url}/api/openapi.json`, "--max-examples", values.examples],
    ...["--continue-on-failure", ...(values.seed ? ["--seed", values.seed] : []), ...signedIn],
  ]);
}

/** @returns the exit code */
async function run([command = "", ...words]: string[]): Promise<number> {
  const child = spawn(command, words, { stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
