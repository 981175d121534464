const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");

/** A leaf: its text is escaped. */
export const leaf = (name: string, text: string | number | boolean): string =>
  `<${name}>${escapeXml(String(text))}</${name}>`;

/** An element of elements already made. */
export const element = (name: string, ...children: readonly string[]): string =>
  `<${name}>${children.join("")}</${name}>`;

/** A whole answer in S3's namespace. */
export const xmlDocument = (name: string, ...children: readonly string[]): string =>
  `${declaration}<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${children.join("")}</${name}>`;

/** The contents of every element of that name, in order; enough for the flat documents that S3 is sent. */
export const contentsOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, text = ""]) => text,
  );

/** The text of the first element of that name. */
export function textOf(xml: string, name: string): string | undefined {
  const [text] = contentsOf(xml, name);
  return text
    ?.trim()
    .replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, entity: string) => characterOf(entity) ?? whole);
}

const entities = new Map(
  Object.entries(escapes).map(([character, entity]) => [entity.slice(1, -1), character]),
);

function characterOf(entity: string): string | undefined {
  if (!entity.startsWith("#")) return entities.get(entity);
  const code = /^#x/i.test(entity)
    ? Number.parseInt(entity.slice(2), 16)
    : Number.parseInt(entity.slice(1), 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
