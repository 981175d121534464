/** A request to upgrade: the good one with some headers otherwise. */
export type HandshakeCase = {
  readonly title: string;
  /** Of RFC 6455. */
  readonly section: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Changes the whole request's text. */
  readonly change?: (request: string) => string;
  /** The statuses that may answer; 101 is the upgrade. */
  readonly statuses: readonly number[];
  /** What the answer's headers must be, `undefined` where there must be none. */
  readonly answer?: Readonly<Record<string, RegExp | undefined>>;
};

const version = "Sec-WebSocket-Version";
const key = "Sec-WebSocket-Key";
const protocol = "Sec-WebSocket-Protocol";
const upgraded = [101];
/** §4.2.1: "an appropriate HTTP error code (such as 400 Bad Request)"; 404 and 426 where it is no upgrade at all. */
const refused = [400, 404, 405, 426];
const agreed = { "sec-websocket-protocol": /^encore\.v1$/ };

/** The opening handshake (RFC 6455 §4). */
export const handshakeCases: readonly HandshakeCase[] = [
  { title: "a good request", section: "4.2.2", statuses: upgraded, answer: agreed },
  {
    title: "no subprotocol",
    section: "4.2.2",
    headers: { [protocol]: undefined },
    statuses: upgraded,
    answer: { "sec-websocket-protocol": undefined },
  },
  {
    title: "a subprotocol that Encore does not speak",
    section: "4.2.2",
    headers: { [protocol]: "soap" },
    statuses: upgraded,
    answer: { "sec-websocket-protocol": undefined },
  },
  {
    title: "several subprotocols",
    section: "4.2.2",
    headers: { [protocol]: "soap, encore.v1" },
    statuses: upgraded,
    answer: agreed,
  },
  {
    title: "an extension, which the server need not take",
    section: "9.1",
    headers: { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" },
    statuses: upgraded,
    answer: { "sec-websocket-extensions": undefined },
  },
  {
    title: "names of headers in lower case",
    section: "4.2.1",
    statuses: upgraded,
    change: (request) => request.replace(/^[\w-]+(?=: )/gm, (name) => name.toLowerCase()),
  },
  {
    title: "values in another case",
    section: "4.2.1",
    statuses: upgraded,
    headers: { Upgrade: "WebSocket", Connection: "upgrade" },
  },
  {
    title: "more than one value in Connection",
    section: "4.2.1",
    statuses: upgraded,
    headers: { Connection: "keep-alive, Upgrade" },
  },
  {
    title: "headers that mean nothing",
    section: "4.2.1",
    statuses: upgraded,
    headers: { "X-Whatever": "1", "Sec-WebSocket-Whatever": "2" },
  },
  { title: "no key", section: "4.2.1", headers: { [key]: undefined }, statuses: refused },
  { title: "an empty key", section: "4.2.1", headers: { [key]: "" }, statuses: refused },
  {
    title: "a key that is no base64",
    section: "4.2.1",
    headers: { [key]: "!".repeat(24) },
    statuses: refused,
  },
  {
    title: "a key of 15 bytes",
    section: "4.2.1",
    headers: { [key]: "AAAAAAAAAAAAAAAAAAAA" },
    statuses: refused,
  },
  {
    title: "a key of 17 bytes",
    section: "4.2.1",
    headers: { [key]: "AAAAAAAAAAAAAAAAAAAAAAA=" },
    statuses: refused,
  },
  {
    title: "two keys",
    section: "11.3.1",
    statuses: refused,
    change: (request) => request.replace(/\r\n\r\n$/, `\r\n${key}: BBBBBBBBBBBBBBBBBBBBBB==\r\n\r\n`),
  },
  ...[undefined, "", "0", "7", "12", "14", "99", "13, 14", "x"].map((value) => ({
    title: `the version ${value ?? "left out"}`,
    section: "4.4",
    headers: { [version]: value },
    // The versions that it does know must be named.
    statuses: refused,
    answer: { "sec-websocket-version": /\b13\b/ },
  })),
  { title: "no Upgrade", section: "4.2.1", headers: { Upgrade: undefined }, statuses: refused },
  { title: "another protocol in Upgrade", section: "4.2.1", headers: { Upgrade: "h2c" }, statuses: refused },
  { title: "no Connection", section: "4.2.1", headers: { Connection: undefined }, statuses: refused },
  {
    title: "a Connection without Upgrade",
    section: "4.2.1",
    headers: { Connection: "keep-alive" },
    statuses: refused,
  },
  { title: "no Host", section: "4.2.1", headers: { Host: undefined }, statuses: refused },
  {
    title: "the method POST",
    section: "4.1",
    statuses: refused,
    change: (request) => request.replace("GET", "POST"),
  },
  {
    title: "HTTP/1.0",
    section: "4.1",
    statuses: refused,
    change: (request) => request.replace("HTTP/1.1", "HTTP/1.0"),
  },
  {
    title: "a foreign Origin",
    section: "10.2",
    headers: { Origin: "https://evil.example" },
    statuses: [403],
  },
];
