import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { inflate } from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

const installed = "/usr/bin/chromium";
const packageFolder = resolve("node_modules/@sparticuz/chromium");

/** Sound needs neither a click before it nor a loudspeaker. */
const usualArgs = ["--autoplay-policy=no-user-gesture-required", "--no-sandbox", "--disable-dev-shm-usage"];

/** The machine's own Chromium where it has one, else the one that comes in an npm package. */
export async function launchBrowser(moreArgs: readonly string[] = []): Promise<Browser> {
  const args = [...usualArgs, ...moreArgs];
  if (existsSync(installed)) return chromium.launch({ executablePath: installed, args });
  const folder = await unpackChromium();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: [...args, "--headless=shell"],
    // Libraries that a server's Linux may lack; what it has itself comes first.
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  });
}

/** Once an installation. Test processes may do it at the same time: each in a folder of its own, and the first counts. */
async function unpackChromium(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8")) as {
    version: string;
  };
  const folder = resolve("node_modules/.cache", `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const unpacked = await mkdtemp(`${folder}-`);
  await inflateInto(unpacked);
  await writeFile(join(unpacked, "fonts.conf"), fontsOf(folder));
  await rename(unpacked, folder).catch(() => rm(unpacked, { recursive: true, force: true }));
  return folder;
}

/** Those of the machine and the one of the package, whose own list names folders that only a Lambda has. */
const fontsOf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${join(folder, "fonts")}</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`;

/** The package unpacks into the folder for temporary files, which is read when `inflate` is called. */
async function inflateInto(folder: string): Promise<void> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  const names = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"];
  const unpacking = names.map((name) => inflate(join(packageFolder, "bin", name)));
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  await Promise.all(unpacking);
}
