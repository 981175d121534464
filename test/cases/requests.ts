import { setTimeout as pause } from "node:timers/promises";
import { type Case, hasCrashed, linesOf, same } from "./case.ts";
import { folderOf } from "./stage.ts";

/** An address as one device sends it, and as another does. */
const emailForms: readonly (readonly [string, string])[] = [
  ["jos\u00e9@example.com", "jose\u0301@example.com"],
  ["user@m\u00fcnchen.example", "user@xn--mnchen-3ya.example"],
];

/** @returns the status */
async function call(url: string, path: "login" | "register", email: string): Promise<number> {
  const account = { email, password: "correct horse battery 9", session: "bearer" };
  const answer = await fetch(`${url}/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(path === "register" ? { ...account, userName: "Me" } : account),
  });
  return answer.status;
}

/** The longest that anybody waits for an answer until `work` is over (milliseconds). */
async function longestWait(url: string, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  let longest = 0;
  while (!isOver) {
    const asked = performance.now();
    await (await fetch(`${url}/api/plans`)).arrayBuffer();
    longest = Math.max(longest, performance.now() - asked);
    await pause(50);
  }
  await over;
  return longest;
}

/** What is sent to Encore by hand. */
export const requestCases: readonly Case[] = [
  {
    name: "27-email-forms",
    right: "201, 200, 409; 201, 200, 409",
    async attempt({ url }) {
      const lines: string[] = [];
      for (const [form, other] of emailForms) {
        const statuses = [
          await call(url, "register", form),
          await call(url, "login", other),
          await call(url, "register", other),
        ];
        lines.push(statuses.join(", "));
      }
      return same(lines.join("; "), this.right);
    },
  },
  {
    name: "31-sample-count-bomb",
    right: "refused as damaged, nobody waits a second",
    async attempt({ url, importFolder }) {
      const importing = importFolder(folderOf(this.name));
      const waitMs = await longestWait(url, importing);
      const imported = await importing;
      const told = linesOf(imported, "frag20000000.m4a");
      const ok = imported.code === 1 && !hasCrashed(imported) && /damaged/i.test(told) && waitMs < 1_000;
      return { ok, came: `exit ${imported.code}, longest wait ${waitMs.toFixed(0)} ms: ${told}` };
    },
  },
];
