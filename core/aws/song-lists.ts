import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { fold } from "../domain/catalogue/fold.ts";
import type { SongFilter, SongRecord, SongSlice } from "../domain/catalogue/ports.ts";
import { cutKey } from "../domain/catalogue/text.ts";
import { DomainError } from "../domain/errors.ts";
import { titleShardName, titleShards, toSongRecord } from "./song-row.ts";

type Table = { readonly client: DynamoDBDocumentClient; readonly TableName: string };
type SortKey = "titleKey" | "trackKey";
/** One partition of one index, in its order. */
type Source = {
  readonly index: string;
  readonly key: string;
  readonly value: string | number;
  readonly sort: SortKey;
};
type Found = { readonly sortKey: string; readonly record: SongRecord };

/** DynamoDB Developer Guide, "Constraints". */
const maxSortKeyBytes = 1_024;

/** Songs in the order of the index that fits the filter best; the rest of the filter is applied by the engine. */
export async function querySongs(
  table: Table,
  filter: SongFilter,
  limit: number,
  after?: string,
): Promise<SongSlice> {
  requirePosition(filter, after);
  const sources = sourcesFor(filter);
  // One more than asked from each tells whether there is another page.
  const lists = await Promise.all(sources.map((source) => query(table, source, filter, limit + 1, after)));
  const merged = lists.flat().sort((a, b) => compareAsEngine(a.sortKey, b.sortKey));
  const page = merged.slice(0, limit);
  const last = page.at(-1);
  return {
    records: page.map(({ record }) => record),
    ...(merged.length > limit && last && { next: last.sortKey }),
  };
}

function sourcesFor({ albumId, year }: SongFilter): Source[] {
  if (albumId !== undefined) return [{ index: "byAlbum", key: "albumKey", value: albumId, sort: "trackKey" }];
  if (year !== undefined) return [{ index: "byYear", key: "year", value: year, sort: "titleKey" }];
  return Array.from({ length: titleShards }, (_, shard) => ({
    index: "byTitle",
    key: "titleShard",
    value: titleShardName(shard),
    sort: "titleKey",
  }));
}

/** DynamoDB orders strings by their UTF-8 bytes, JavaScript by UTF-16 units. */
const compareAsEngine = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

async function query(
  { client, TableName }: Table,
  source: Source,
  filter: SongFilter,
  limit: number,
  after?: string,
): Promise<Found[]> {
  const expressions = expressionsFor(source, filter, after);
  const found: Found[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName,
        IndexName: source.index,
        ...expressions,
        Limit: limit,
        ExclusiveStartKey: start,
      }),
    );
    for (const row of answer.Items ?? []) {
      const record = toSongRecord(row);
      if (record && fits(record, filter)) found.push({ sortKey: String(row[source.sort]), record });
    }
    start = answer.LastEvaluatedKey;
  } while (start && found.length < limit);
  return found.slice(0, limit);
}

/** All of the prefix begins the title: in the sort key it may be cut, and an id follows it. */
const fits = ({ title }: SongRecord, { titlePrefix = "" }: SongFilter): boolean =>
  fold(title).startsWith(titlePrefix);

type Expressions = {
  conditions: string[];
  filters: string[];
  names: Record<string, string>;
  values: Record<string, unknown>;
};

function expressionsFor(source: Source, filter: SongFilter, after: string | undefined) {
  const built: Expressions = {
    conditions: ["#key = :key"],
    filters: [],
    names: { "#key": source.key },
    values: { ":key": source.value },
  };
  addRange(built, source.sort, filter, after);
  addFilter(built, "albumFolded", filter.album, (name, value) => `${name} = ${value}`);
  addFilter(built, "genresFolded", filter.genre, (name, value) => `contains(${name}, ${value})`);
  return {
    KeyConditionExpression: built.conditions.join(" AND "),
    ...(built.filters.length > 0 && { FilterExpression: built.filters.join(" AND ") }),
    ExpressionAttributeNames: built.names,
    ExpressionAttributeValues: built.values,
  };
}

/** Titles with one beginning lie together in an index by title: a range of its sort key, which costs no filter. */
function addRange(built: Expressions, sort: SortKey, { titlePrefix }: SongFilter, after?: string): void {
  if (titlePrefix === undefined && after === undefined) return;
  built.names["#sort"] = sort;
  if (after === undefined) {
    built.conditions.push("begins_with(#sort, :prefix)");
    built.values[":prefix"] = cutKey(titlePrefix ?? "");
  } else if (titlePrefix === undefined) {
    built.conditions.push("#sort > :after");
    built.values[":after"] = after;
  } else {
    built.conditions.push("#sort BETWEEN :next AND :end");
    built.values[":next"] = nextAfter(after);
    built.values[":end"] = endOf(titlePrefix);
  }
}

/** BETWEEN takes its ends in, so it starts at the very next string. */
const nextAfter = (after: string): string => `${after}\u0001`;
const endOf = (titlePrefix: string): string => `${cutKey(titlePrefix)}\u{10ffff}`;

/** The engine refuses keys that are too long, and ranges that end before they begin. */
function requirePosition({ titlePrefix }: SongFilter, after: string | undefined): void {
  if (after === undefined) return;
  const isBehind = titlePrefix !== undefined && compareAsEngine(nextAfter(after), endOf(titlePrefix)) > 0;
  if (isBehind || Buffer.byteLength(after) >= maxSortKeyBytes) throw new DomainError("invalid-cursor");
}

function addFilter(
  built: Expressions,
  name: string,
  value: string | undefined,
  condition: (name: string, value: string) => string,
): void {
  if (value === undefined) return;
  built.filters.push(condition(`#${name}`, `:${name}`));
  built.names[`#${name}`] = name;
  built.values[`:${name}`] = value;
}
