import type { Song } from "../../../core/contract/catalogue.ts";
import type { Problem, ProblemKind } from "../../../core/contract/problem.ts";
import type { UploadStarted } from "../../../core/contract/uploads.ts";
import type { UploadApi } from "./upload-file.ts";

/** What Encore refused, in its own words. */
export class Refusal extends Error {
  readonly kind: ProblemKind;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.kind = problem.kind;
  }
}

/** Encore does not answer: no other file would fare better. */
export class Unreachable extends Error {}

/** Uploads as a signed-in curator; `signOut` ends the session. */
export type SignedInApi = UploadApi & { signOut(): Promise<void> };

type Tokens = { readonly accessToken: string; readonly refreshToken: string };
type Call = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
};

/**
 * Signs in at a running Encore and speaks its REST API; an access token that expires on the way is renewed.
 * @throws Refusal, Unreachable
 */
export async function signIn(url: string, email: string, password: string): Promise<SignedInApi> {
  const login = { email, password, session: "bearer", deviceName: "Import" };
  let tokens = await call<Tokens>(url, { method: "POST", path: "/api/auth/login", body: login });

  async function renew(): Promise<void> {
    const body = { refreshToken: tokens.refreshToken };
    tokens = await call<Tokens>(url, { method: "POST", path: "/api/auth/refresh", body });
  }

  async function post<T>(path: string, body?: unknown): Promise<T> {
    const request = () => call<T>(url, { method: "POST", path, body, token: tokens.accessToken });
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== "not-signed-in") throw error;
      await renew();
      return request();
    }
  }

  return {
    start: (input) => post<UploadStarted>("/api/uploads", input),
    complete: (uploadId) => post<Song>(`/api/uploads/${uploadId}/complete`),
    signOut: () => post("/api/auth/logout"),
  };
}

async function call<T>(url: string, { method, path, body, token }: Call): Promise<T> {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(new URL(path, url), request).catch((error: Error) => {
    throw new Unreachable(`Encore does not answer at ${url} (${reasonOf(error)}); start it with "npm start"`);
  });
  const text = await answer.text();
  if (answer.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  throw toError(answer, text, url);
}

const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;

function toError(answer: Response, text: string, url: string): Error {
  if (answer.headers.get("content-type")?.startsWith("application/problem+json"))
    return new Refusal(JSON.parse(text) as Problem);
  return new Unreachable(
    `What answers at ${url} is not Encore (${answer.status}); set ENCORE_URL to its address`,
  );
}
