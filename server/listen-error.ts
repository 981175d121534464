/** Which variables said where to listen. */
export type ListenVariables = { readonly host: string; readonly port: string };

/** Where something listens in vain. */
type Place = { readonly host: string; readonly port: number };

/** Why nothing can listen there, in one line that names the variable to change; other errors as they are. */
export function explainListenError(error: unknown, place: Place, names: ListenVariables): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const line = code !== undefined && reasons[code]?.(place, names);
  return line ? Object.assign(new Error(line, { cause: error }), { code }) : error;
}

const noAddress = ({ host }: Place, names: ListenVariables): string =>
  `${names.host}=${host} is no address of this machine; set ${names.host} to one, like 127.0.0.1 or 0.0.0.0`;

const reasons: Readonly<Record<string, (place: Place, names: ListenVariables) => string>> = {
  EADDRINUSE: ({ port }, names) =>
    `port ${port} is in use; stop what uses it, or set ${names.port} to another one`,
  EACCES: ({ port }, names) =>
    `port ${port} is not for this user (below 1024 a right is needed, CAP_NET_BIND_SERVICE); set ${names.port} to another one`,
  EADDRNOTAVAIL: noAddress,
  ENOTFOUND: noAddress,
  EAI_AGAIN: noAddress,
  EINVAL: noAddress,
  EAFNOSUPPORT: noAddress,
};
