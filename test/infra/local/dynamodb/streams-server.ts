import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { listen } from "../../../../infra/local/listen.ts";

const streamArn = "arn:aws:dynamodb:eu-central-1:1:table/items/stream/2026";

type Shard = { readonly id: string; readonly parent?: string; readonly records: object[]; closed: boolean };
type Input = {
  readonly ShardId?: string;
  readonly ShardIteratorType?: string;
  readonly SequenceNumber?: string;
  readonly ShardIterator?: string;
  readonly Limit?: number;
};

/**
 * DynamoDB Streams' HTTP API over shards that a test fills, splits and expires the iterators of: what an engine
 * does of itself only after hours, or under load.
 */
export async function startStreamsServer() {
  const shards: Shard[] = [];
  let generation = 0;
  let failures = 0;

  const find = (id = ""): Shard => {
    const shard = shards.find((candidate) => candidate.id === id);
    if (!shard) throw refusal("ResourceNotFoundException");
    return shard;
  };
  const iteratorAt = (shard: Shard, at: number) => `${shard.id}:${at}:${generation}`;

  const operations: Record<string, (input: Input) => object> = {
    ListStreams: () => ({ Streams: [{ StreamArn: streamArn, StreamLabel: "2026" }] }),
    DescribeStream: () => ({
      StreamDescription: {
        Shards: shards.map(({ id, parent }) => ({ ShardId: id, ...(parent && { ParentShardId: parent }) })),
      },
    }),
    GetShardIterator: ({ ShardId, ShardIteratorType, SequenceNumber }) => {
      const shard = find(ShardId);
      const start = ShardIteratorType === "LATEST" ? shard.records.length : 0;
      const at = SequenceNumber
        ? shard.records.findIndex((record) => numberOf(record) === SequenceNumber) + 1
        : start;
      return { ShardIterator: iteratorAt(shard, at) };
    },
    GetRecords: ({ ShardIterator = "", Limit = 1000 }) => {
      const [id, at = "0", made] = ShardIterator.split(":");
      if (Number(made) !== generation) throw refusal("ExpiredIteratorException");
      const shard = find(id);
      const records = shard.records.slice(Number(at), Number(at) + Limit);
      const next = Number(at) + records.length;
      const hasEnded = shard.closed && next === shard.records.length;
      return { Records: records, ...(!hasEnded && { NextShardIterator: iteratorAt(shard, next) }) };
    },
  };

  const server = createServer(async (request, response) => {
    const name = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    try {
      const input = (await json(request)) as Input;
      if (failures > 0 && failures--) throw refusal("InternalServerError");
      response.end(JSON.stringify(operations[name]?.(input)));
    } catch (error) {
      response.writeHead(400).end(JSON.stringify({ __type: (error as Error).name }));
    }
  });
  const { endpoint, close } = await listen(server, 0);

  return {
    endpoint,
    close,
    open: (id: string, parent?: string) =>
      void shards.push({ id, records: [], closed: false, ...(parent && { parent }) }),
    end: (id: string) => {
      find(id).closed = true;
    },
    append: (id: string, number: string, image: object = {}) =>
      void find(id).records.push({
        eventName: "INSERT",
        dynamodb: { SequenceNumber: number, ApproximateCreationDateTime: 1.5, NewImage: image },
      }),
    expireIterators: () => void generation++,
    failNext: (count: number) => {
      failures = count;
    },
  };
}

const numberOf = (record: object): string | undefined =>
  (record as { dynamodb?: { SequenceNumber?: string } }).dynamodb?.SequenceNumber;

const refusal = (name: string): Error => Object.assign(new Error(name), { name });
