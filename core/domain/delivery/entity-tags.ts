export type EntityTag = { readonly weak: boolean; readonly opaque: string };

const entityTag = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const separator = /[ \t]*(?:,[ \t]*)+/y;

/**
 * The tags of an If-Match or If-None-Match value (RFC 9110 section 8.8.3, lists as in 5.6.1); undefined when it is no
 * such list, so that a value that cannot be understood matches nothing.
 */
export function parseEntityTags(value: string): EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  let at = after(separator, value, 0) ?? 0;
  while (at < value.length) {
    entityTag.lastIndex = at;
    const match = entityTag.exec(value);
    if (!match) return undefined;
    tags.push({ weak: match[1] !== undefined, opaque: match[2] ?? "" });
    const next = after(separator, value, entityTag.lastIndex);
    if (next === undefined && entityTag.lastIndex < value.length) return undefined;
    at = next ?? value.length;
  }
  return tags;
}

function after(pattern: RegExp, value: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(value) ? pattern.lastIndex : undefined;
}

/** Both strong, and the same (RFC 9110 section 8.8.3.2). */
export const matchesStrongly = (a: EntityTag, b: EntityTag): boolean =>
  !a.weak && !b.weak && a.opaque === b.opaque;

/** The same, whether weak or strong (RFC 9110 section 8.8.3.2). */
export const matchesWeakly = (a: EntityTag, b: EntityTag): boolean => a.opaque === b.opaque;
