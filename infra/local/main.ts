import { demoAccounts, demoPassword } from "./demo/accounts.ts";
import { type Encore, startEncore } from "./start.ts";

const stopping = new AbortController();
let encore: Encore | undefined;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // A second one means now.
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort(new Error("Stopped"));
    encore?.close().then(() => process.exit(0), fail);
  });
}

try {
  encore = await startEncore({
    env: process.env,
    onDemoTrack: tellTrack,
    signal: stopping.signal,
    ...readDemoTracks(process.env.DEMO_TRACKS),
  });
  if (!stopping.signal.aborted) welcome(encore);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  fail(error);
}

function readDemoTracks(text: string | undefined): { demoTracks?: number } {
  if (!text) return {};
  const demoTracks = Number(text);
  if (Number.isInteger(demoTracks) && demoTracks >= 0) return { demoTracks };
  throw new Error(`DEMO_TRACKS must be a whole number, not ${text}`);
}

/** The first start makes the demo library; a terminal shows it on one line. */
function tellTrack(done: number, total: number, title: string): void {
  const line = `Making the demo library: ${done} of ${total} (${title})`;
  if (!process.stdout.isTTY) console.log(line);
  else process.stdout.write(`\r\x1b[K${line}${done === total ? "\n" : ""}`);
}

function welcome({ url, managementUrl, demo }: Encore): void {
  const lines = [
    "",
    `Encore plays at ${url}`,
    "",
    ...(demo ? demoLines() : []),
    `API reference  ${url}/docs`,
    `Metrics        ${managementUrl}/metrics`,
    "",
    "Ctrl-C stops it.",
    "",
  ];
  console.log(lines.join("\n"));
}

function demoLines(): string[] {
  const width = Math.max(...demoAccounts.map(({ email }) => email.length));
  return [
    `Demo accounts, password ${demoPassword(process.env)}`,
    ...demoAccounts.map(({ email, role, plan }) => `  ${email.padEnd(width)}  ${role}, plan ${plan}`),
    "",
  ];
}

/** One line that says what to do; a fault of ours is told whole. */
function fail(error: unknown): never {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  const known = code === "EADDRINUSE" ? portTaken(port) : message;
  console.error(process.env.DEBUG ? error : `Encore cannot start: ${known}`);
  process.exit(1);
}

function portTaken(port: number | undefined): string {
  return `port ${port} is in use; stop what uses it, or set PORT to another one`;
}
