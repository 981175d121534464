import type { Browser, BrowserContext, Page } from "playwright-core";

/** One visitor's browser with the player open, and what goes wrong in it. */
export type PlayerPage = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, of the content security policy and of the console. */
  readonly errors: readonly string[];
  /** What the audio element does that was heard last. */
  audio(): Promise<{ currentTime: number; duration: number; paused: boolean; error: number } | undefined>;
};

type Viewport = { readonly width: number; readonly height: number };

export const phone: Viewport = { width: 390, height: 844 };
export const desktop: Viewport = { width: 1440, height: 900 };

export async function openPlayer(browser: Browser, url: string, viewport = desktop): Promise<PlayerPage> {
  return openTab(await browser.newContext({ viewport }), url);
}

/** One more tab of a browser that is open. */
export async function openTab(context: BrowserContext, url: string): Promise<PlayerPage> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.addInitScript(rememberAudio);
  await page.goto(url);
  return { page, context, errors, audio: () => page.evaluate(lastAudio) };
}

/** Runs in the page: Howler keeps its elements in a pool of its own and puts them nowhere. */
function rememberAudio(): void {
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
    Object.assign(window, { lastAudio: this });
    return play.call(this);
  };
}

function lastAudio() {
  const { lastAudio: audio } = window as unknown as { lastAudio?: HTMLAudioElement };
  if (!audio) return undefined;
  const { currentTime, duration, paused, error } = audio;
  return { currentTime, duration, paused, error: error?.code ?? 0 };
}

export async function register(
  { page }: PlayerPage,
  userName: string,
): Promise<{ email: string; password: string }> {
  const email = `${crypto.randomUUID()}@example.com`;
  const password = `battery-staple-${crypto.randomUUID()}`;
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Your name").fill(userName);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Library", exact: true }).waitFor();
  return { email, password };
}

export async function signIn({ page }: PlayerPage, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Library", exact: true }).waitFor();
}

export const navigate = ({ page }: PlayerPage, name: string): Promise<void> =>
  page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
