import { randomUUID } from "node:crypto";

export type ApiClient = {
  readonly email: string;
  readonly accessToken: string;
  /** A request as the signed-in listener; a body goes as JSON. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The JSON of an answer that must be a success. */
  get<T>(path: string): Promise<T>;
};

/** A new listener of a running Encore, signed in by bearer token. */
export async function registerAt(
  url: string,
  password = `battery-staple-${randomUUID()}`,
): Promise<ApiClient> {
  const email = `${randomUUID()}@example.com`;
  const body = { email, password, userName: "Test", session: "bearer" };
  const answer = await fetch(`${url}/api/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw new Error(`No account: ${await answer.text()}`);
  const { accessToken } = (await answer.json()) as { accessToken: string };
  return clientOf(url, email, accessToken);
}

/** Signs an account that is there in by bearer token. */
export async function loginAt(url: string, email: string, password: string): Promise<ApiClient> {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password, session: "bearer" }),
  });
  if (answer.status !== 200) throw new Error(`Not signed in: ${await answer.text()}`);
  const { accessToken } = (await answer.json()) as { accessToken: string };
  return clientOf(url, email, accessToken);
}

function clientOf(url: string, email: string, accessToken: string): ApiClient {
  const request: ApiClient["request"] = (method, path, body, headers = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    email,
    accessToken,
    request,
    async get<T>(path: string) {
      const answer = await request("GET", path);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
  };
}
