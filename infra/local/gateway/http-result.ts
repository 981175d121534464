import { STATUS_CODES } from "node:http";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { FastifyReply } from "fastify";
import { hopByHop } from "./http-event.ts";

/**
 * Answers with what the function returned. Without a `statusCode`, the whole value is the body of a 200.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 * @throws Error for a result that API Gateway cannot read.
 */
export function sendResult(reply: FastifyReply, result: unknown): FastifyReply {
  if (isStructured(result)) return sendStructured(reply, result);
  const body = typeof result === "string" ? result : JSON.stringify(result);
  return sendBytes(reply.code(200).header("content-type", "application/json"), Buffer.from(body));
}

const isStructured = (result: unknown): result is APIGatewayProxyStructuredResultV2 =>
  typeof result === "object" && result !== null && "statusCode" in result;

function sendStructured(reply: FastifyReply, result: APIGatewayProxyStructuredResultV2): FastifyReply {
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded } = result;
  if (!Number.isInteger(statusCode) || typeof body !== "string") throw new Error("Malformed function result");
  reply.code(statusCode ?? 500).header("content-type", "text/plain;charset=utf-8");
  for (const [name, value] of Object.entries(headers)) {
    if (!isGatewaysOwn(name)) reply.header(name, String(value));
  }
  for (const cookie of cookies) reply.header("set-cookie", cookie);
  return sendBytes(reply, Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
}

/** As bytes, since Fastify would add a charset to the content type of text. */
const sendBytes = (reply: FastifyReply, bytes: Buffer): FastifyReply =>
  bytes.length > 0 ? reply.send(bytes) : reply.send();

const isGatewaysOwn = (name: string): boolean =>
  hopByHop.has(name.toLowerCase()) || name.toLowerCase() === "content-length";

/** What API Gateway itself says when no function answers. */
export const sendGatewayError = (reply: FastifyReply, status: number): FastifyReply =>
  reply.code(status).send({ message: status === 413 ? "Request Entity Too Large" : STATUS_CODES[status] });
