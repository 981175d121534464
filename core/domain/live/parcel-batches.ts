import type { ConnectionsApi, Delivered, Endpoint, NodeEvent, Parcel, Post } from "./ports.ts";

export type ParcelBatchOptions = {
  /** Requests to one node under way at a time. */
  readonly inFlight?: number;
  /** Characters of text in one request, beyond which the next parcel waits. */
  readonly maxText?: number;
};

type Waiting = { readonly parcel: Parcel; readonly answer: PromiseWithResolvers<Delivered> };

/**
 * Puts parcels of several users for one node into one request. Nobody waits for others to come: what arrives while
 * requests are under way goes with the next.
 */
export function batchParcels(
  api: ConnectionsApi,
  { inFlight = 4, maxText = 1024 * 1024 }: ParcelBatchOptions = {},
): ConnectionsApi {
  const lanes = new Map<string, ReturnType<typeof createLane>>();
  return {
    deliver(endpoint, parcel) {
      if (endpoint.kind === "gateway") return api.deliver(endpoint, parcel);
      const lane = lanes.get(endpoint.endpointId) ?? createLane(api, endpoint, inFlight, maxText);
      lanes.set(endpoint.endpointId, lane);
      return lane(parcel, () => lanes.delete(endpoint.endpointId));
    },
  };
}

function createLane(api: ConnectionsApi, endpoint: Endpoint, inFlight: number, maxText: number) {
  const waiting: Waiting[] = [];
  let running = 0;

  const run = async (onIdle: () => void): Promise<void> => {
    running++;
    while (waiting.length > 0) {
      const batch = takeBatch(waiting, maxText);
      await api.deliver(endpoint, merge(batch.map(({ parcel }) => parcel))).then(
        (delivered) => batch.forEach(({ answer }) => void answer.resolve(delivered)),
        (error) => batch.forEach(({ answer }) => void answer.reject(error)),
      );
    }
    running--;
    if (running === 0) onIdle();
  };

  return (parcel: Parcel, onIdle: () => void): Promise<Delivered> => {
    const answer = Promise.withResolvers<Delivered>();
    waiting.push({ parcel, answer });
    if (running < inFlight) void run(onIdle);
    return answer.promise;
  };
}

function takeBatch(waiting: Waiting[], maxText: number): Waiting[] {
  let text = 0;
  const end = waiting.findIndex(({ parcel }, at) => {
    text += textOf(parcel);
    return at > 0 && text > maxText;
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

const textOf = ({ posts }: Parcel): number =>
  posts.reduce((sum, post) => sum + ("text" in post ? post.text.length : 0), 0);

const merge = (parcels: readonly Parcel[]): Parcel => ({
  posts: parcels.flatMap<Post>(({ posts }) => posts),
  events: parcels.flatMap<NodeEvent>(({ events }) => events),
});
