import type { Endpoint } from "../cluster/ports.ts";
import type { ConnectionCommand, ConnectionsApi, DeliveryResult, NodeEvent, PushBatch } from "./ports.ts";

export type BatchingOptions = {
  /** Requests to one node under way at a time. */
  readonly inFlight?: number;
  /** Characters of text in one request, beyond which the next batch waits. */
  readonly maxText?: number;
};

type Queued = { readonly batch: PushBatch; readonly answer: PromiseWithResolvers<DeliveryResult> };

/**
 * Sends the batches of several users to one node in one request. No batch waits for others to come: those that arrive
 * while requests are under way go with the next one. A gateway gets each batch by itself.
 */
export function batchRequests(
  api: ConnectionsApi,
  { inFlight = 4, maxText = 1024 * 1024 }: BatchingOptions = {},
): ConnectionsApi {
  const queues = new Map<string, ReturnType<typeof createQueue>>();
  return {
    deliver(endpoint, batch) {
      if (endpoint.kind === "gateway") return api.deliver(endpoint, batch);
      const send = queues.get(endpoint.endpointId) ?? createQueue(api, endpoint, inFlight, maxText);
      queues.set(endpoint.endpointId, send);
      return send(batch, () => queues.delete(endpoint.endpointId));
    },
  };
}

function createQueue(api: ConnectionsApi, endpoint: Endpoint, inFlight: number, maxText: number) {
  const queue: Queued[] = [];
  let running = 0;

  const run = async (onIdle: () => void): Promise<void> => {
    running++;
    while (queue.length > 0) {
      const taken = takeForRequest(queue, maxText);
      await api.deliver(endpoint, merge(taken.map(({ batch }) => batch))).then(
        (result) => taken.forEach(({ answer }) => void answer.resolve(result)),
        (error) => taken.forEach(({ answer }) => void answer.reject(error)),
      );
    }
    running--;
    if (running === 0) onIdle();
  };

  return (batch: PushBatch, onIdle: () => void): Promise<DeliveryResult> => {
    const answer = Promise.withResolvers<DeliveryResult>();
    queue.push({ batch, answer });
    if (running < inFlight) void run(onIdle);
    return answer.promise;
  };
}

/** Takes the oldest batches off the queue: at least one, and as many as `maxText` allows. */
function takeForRequest(queue: Queued[], maxText: number): Queued[] {
  let text = 0;
  const end = queue.findIndex(({ batch }, at) => {
    text += textLengthOf(batch);
    return at > 0 && text > maxText;
  });
  return queue.splice(0, end === -1 ? queue.length : end);
}

const textLengthOf = ({ posts }: PushBatch): number =>
  posts.reduce((sum, command) => sum + ("text" in command ? command.text.length : 0), 0);

const merge = (batches: readonly PushBatch[]): PushBatch => ({
  posts: batches.flatMap<ConnectionCommand>(({ posts }) => posts),
  events: batches.flatMap<NodeEvent>(({ events }) => events),
});
