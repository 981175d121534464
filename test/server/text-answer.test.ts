import fastify from "fastify";
import { expect, it } from "vitest";
import { textAnswer } from "../../server/text-answer.ts";

it("A text that could not be read once is there when it can be", async () => {
  let isReadable = false;
  const answer = textAnswer({
    type: "text/plain",
    cacheControl: "no-cache",
    async content() {
      if (!isReadable) throw new Error("too many files are open");
      return Buffer.from("text");
    },
  });
  const app = fastify();
  app.get("/", (request, reply) => answer(request, reply));
  expect((await app.inject("/")).statusCode).toBe(500);
  isReadable = true;
  expect((await app.inject("/")).body).toBe("text");
});
