import { type IncomingMessage, request } from "node:http";
import type { TestUser } from "../../support/listeners.ts";

export type Hearing = {
  /** Resolves with the answer's head; rejects where none came. */
  readonly head: Promise<{ readonly status: number; readonly etag: string | undefined }>;
  /** What was heard so far. */
  heard(): Buffer;
  /** Resolves when no more comes: whether all came that was announced. */
  readonly over: Promise<"whole" | "broken">;
  isOver(): boolean;
  /** Reads on, as fast as it comes. */
  hurry(): void;
  leave(): void;
};

export type HearOptions = {
  readonly songId: string;
  readonly user: TestUser;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes a second; nothing at all is read for 0. As fast as they come by default. */
  readonly pace?: number;
};

const beatMs = 10;

/** One request for a song at a node's port, read at a listener's pace. */
export function hear(port: number, { songId, user, headers = {}, pace }: HearOptions): Hearing {
  const chunks: Buffer[] = [];
  let isOver = false;
  let response: IncomingMessage | undefined;
  let beat: NodeJS.Timeout | undefined;

  const asking = request({
    host: "127.0.0.1",
    port,
    path: `/stream/${songId}`,
    agent: false,
    headers: { authorization: `Bearer ${user.token}`, ...headers },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asking.on("response", resolve).on("error", reject);
  });
  const over = answered.then(
    (answer) =>
      new Promise<"whole" | "broken">((resolve) => {
        response = answer;
        answer.on("error", () => {});
        answer.on("close", () => resolve(answer.complete ? "whole" : "broken"));
        if (pace === undefined) answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        else if (pace > 0) beat = setInterval(take, beatMs, answer, (pace * beatMs) / 1000);
      }),
    () => "broken" as const,
  );
  const take = (answer: IncomingMessage, bytes: number): void => {
    const chunk = answer.read(Math.min(bytes, answer.readableLength)) as Buffer | null;
    if (chunk) chunks.push(chunk);
  };
  over.then(() => {
    isOver = true;
    clearInterval(beat);
  });
  const head = answered.then(({ statusCode = 0, headers: fields }) => ({
    status: statusCode,
    etag: fields.etag,
  }));
  head.catch(() => {});
  asking.end();

  return {
    head,
    over,
    heard: () => Buffer.concat(chunks),
    isOver: () => isOver,
    hurry() {
      clearInterval(beat);
      response?.on("data", (chunk: Buffer) => chunks.push(chunk));
    },
    leave: () => asking.destroy(),
  };
}
