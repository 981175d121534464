import type { IncomingMessage } from "node:http";

/**
 * Whether a request may be of a program of this machine that knows the engine by its address. One that a page made a
 * browser send has an `Origin`, or a `Host` of the page's own whose name was bound to 127.0.0.1 (DNS rebinding).
 */
export const isFromLocalProgram = ({ headers }: IncomingMessage): boolean =>
  headers.origin === undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(headers.host ?? "");
