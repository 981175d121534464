import { StorageUnavailable } from "./level/errors.ts";
import type { Operation } from "./level/level.ts";
import type { Done, DynamoStore, Item, TableDescription } from "./store.ts";
import type { StreamLog } from "./stream-log.ts";

/**
 * The same store, in which a row, its index entries and its stream record are one atomic LevelDB batch, so that
 * no kill can come between them. (dynalite alone writes the index entries first, then the row.)
 *
 * dynalite's actions hold a lock on the row's key from reading the row until the write is answered, so the image
 * read here is the one the action's condition was tested on. Between the index entries and the row they do not
 * yield, so the entries collected belong to the row that follows.
 */
export function withAtomicWrites(store: DynamoStore, log: StreamLog): DynamoStore {
  const tables = new Map<string, TableDescription>();
  const indexOperations: Operation[] = [];

  async function commit(tableName: string, key: string, after: Item | undefined): Promise<void> {
    const operations = indexOperations.splice(0);
    const refusal = store.db.storage.refusal();
    if (refusal !== undefined) throw new StorageUnavailable(refusal);
    const rowKey = `item-${tableName}~${key}`;
    const table = tables.get(tableName);
    const before = store.db.getSync(rowKey) as Item | undefined;
    const append = table && log.append(table, { before, after });
    operations.push(write(rowKey, after));
    if (append) operations.push(append.operation);
    try {
      await store.db.batch(operations);
    } catch (error) {
      // Whether the record is there is known only then; until then no consumer may read past it.
      if (append) store.db.storage.recovered().then(append.settle);
      throw error;
    }
    append?.settle();
  }

  const answer = (committed: Promise<void>, done: Done) => void committed.then(() => done(null), done);

  return {
    ...store,
    getItemDb: (name) => ({
      ...store.getItemDb(name),
      put: (key, item, done) => answer(commit(name, key, item), done),
      del: (key, done) => answer(commit(name, key, undefined), done),
    }),
    getIndexDb: (kind, tableName, index) => {
      const collect = (key: string, item: Item | undefined, done: Done): void => {
        indexOperations.push(write(`index-${kind.toLowerCase()}~${tableName}~${index}~${key}`, item));
        done(null);
      };
      return {
        ...store.getIndexDb(kind, tableName, index),
        put: collect,
        del: (key, done) => collect(key, undefined, done),
      };
    },
    // Every action asks for the table first: here is where a write learns whether it has a stream.
    getTable: (name, ...rest) => {
      const [checkStatus, done] = rest.length === 2 ? rest : [true, rest[0]];
      store.getTable(name, checkStatus, (error, table) => {
        if (table) tables.set(name, table);
        done(error, table);
      });
    },
  };
}

const write = (key: string, value: Item | undefined): Operation =>
  value ? { type: "put", key, value } : { type: "del", key };
