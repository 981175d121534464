/** An object in the store, pinned to one version of it by its strong ETag (with the quotes). */
export type StoredFile = {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly contentType: string;
};

/** `modifiedAt` is ISO 8601: when the object came in, as `Last-Modified` tells. */
export type ObjectHead = StoredFile & { readonly modifiedAt: string };

/** Bytes `start` to `end` (inclusive) of one version of an object, never of another. */
export type ReadRequest = {
  readonly key: string;
  /** The version's strong ETag, with its quotes. */
  readonly etag: string;
  readonly start: number;
  readonly end: number;
  /** Aborting frees the connection at once, before the answer as well as in the middle of it. */
  readonly signal: AbortSignal;
};

export type ObjectReader = {
  /**
   * The bytes as they arrive; leaving the iteration early frees the connection.
   * @throws DomainError `not-found`; `precondition-failed` when the object is another version by now;
   * `unavailable` for anything that may pass. The iteration itself throws what the connection throws.
   */
  read(request: ReadRequest): Promise<AsyncIterable<Uint8Array>>;
};

export type ObjectStore = ObjectReader & {
  /** Size, type and ETag of an object, or undefined where there is none. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** Writes the whole object, over any earlier one. */
  put(object: PutObject): Promise<{ readonly etag: string }>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
};

/** Signs URLs by which an object is read straight from the store, for a while. */
export type ObjectSigner = {
  /** The URL of an object for one method. An object's key is never given to other bytes, so it names a version. */
  sign(key: string, method: "GET" | "HEAD"): Promise<string>;
  /** Where the URLs lead, like `https://music.s3.eu-central-1.amazonaws.com`. */
  origin(): Promise<string>;
};

export type PutObject = {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly cacheControl?: string;
};
