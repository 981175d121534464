/** Node.js itself raises the soft limit to the hard one. */
type Limits = { readonly userLimits: { readonly open_files: { readonly soft: number | "unlimited" } } };

/** What a process holds beside its clients' sockets: files, pipes, connections to DynamoDB. */
const others = 300;

/** @throws Error where a process may not hold so many sockets */
export function checkDescriptors(what: string, count: number): void {
  const { soft } = (process.report.getReport() as Limits).userLimits.open_files;
  if (soft === "unlimited" || count + others <= soft) return;
  throw new Error(
    `${count} ${what} need ${count + others} descriptors a process; the limit is ${soft}. Raise it by ulimit -n, or ask for fewer by --${what}`,
  );
}
