import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import type { FastifyBaseLogger } from "fastify";
import { beforeDeadline, late } from "./deadline.ts";

/** Lambda's context, and what only a gateway in the same process can tell. */
type LocalContext = Context & {
  /** Aborted when the caller has left, or was told that it took too long. */
  readonly signal: AbortSignal;
};

/** A Lambda handler as the Node 24 runtime calls it. */
export type Handler<E, R> = (event: E, context: LocalContext) => Promise<R>;

export type InvokeOptions = {
  /** The function's name, for its context and the log. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly log: FastifyBaseLogger;
  /** Aborted when the caller leaves. */
  readonly signal?: AbortSignal;
};

export type InvocationFailure = "failed" | "timeout" | "event-too-large" | "result-too-large";

/** Why an invocation has no result; `cause` is what the handler threw. */
export class InvocationError extends Error {
  readonly kind: InvocationFailure;

  constructor(kind: InvocationFailure, cause?: unknown) {
    super(`Invocation ${kind}`, { cause });
    this.kind = kind;
  }
}

/**
 * What a synchronous invocation carries at most, each way.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const maxInvocationBytes = 6 * 1024 * 1024;

/**
 * Calls a handler as Lambda does: event and result go through JSON, so that nothing is shared with the caller,
 * and both are bounded in size. Whatever goes wrong is logged here. A handler that takes
 * too long cannot be stopped: as in AWS, it runs on while its caller has given up, unless it heeds the signal.
 * @throws InvocationError
 */
export async function invoke<E, R>(handler: Handler<E, R>, event: E, options: InvokeOptions): Promise<R> {
  const given = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, given.signal]) : given.signal;
  const context = { ...createContext(options), signal };
  try {
    const input = JSON.parse(serialise(event, "event-too-large")) as E;
    // Started inside a function of its own, so that a handler that throws at once is caught as well.
    const result = await beforeDeadline((async () => handler(input, context))(), options.timeoutMs);
    if (result === late) {
      given.abort();
      throw new InvocationError("timeout");
    }
    return JSON.parse(serialise(result, "result-too-large")) as R;
  } catch (err) {
    options.log.error(
      { err, function: options.name, awsRequestId: context.awsRequestId },
      "Invocation failed",
    );
    throw err instanceof InvocationError ? err : new InvocationError("failed", err);
  }
}

function serialise(value: unknown, kind: InvocationFailure): string {
  const text = JSON.stringify(value ?? null);
  if (Buffer.byteLength(text) > maxInvocationBytes) throw new InvocationError(kind);
  return text;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function createContext({ name, timeoutMs }: InvokeOptions): Context {
  const deadline = Date.now() + timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${name}`,
    memoryLimitInMB: "1024",
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: withoutCallbacks,
    fail: withoutCallbacks,
    succeed: withoutCallbacks,
  };
}

function withoutCallbacks(): never {
  throw new Error("The Node 24 runtime has no callbacks: return or throw");
}
