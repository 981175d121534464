import type { CpuProfile, ProfileNode } from "./cpu-profile.ts";

const width = 1200;
const rowHeight = 17;
const headHeight = 44;
const characterWidth = 6.7;
/** Narrower ones cannot be seen. */
const leastWidth = 0.4;

/** Whose code a function is, by its file's name, and the colour of that. */
const owners = [
  { owner: "Encore", colour: "#f4a261", isOf: (url: string) => /^(server|core)\//.test(url) },
  { owner: "packages", colour: "#e9d8a6", isOf: (url: string) => url.startsWith("node_modules/") },
  { owner: "Node.js", colour: "#94d2bd", isOf: (url: string) => url.startsWith("node:") },
  { owner: "V8 and the system", colour: "#ced4da", isOf: () => true },
];

/** A function with all that it called, in samples. */
type Frame = { readonly node: ProfileNode; readonly samples: number; readonly called: readonly Frame[] };

/** A picture (SVG) of where the time went, callers below whom they called; hovering tells the whole name. */
export function flameGraph(title: string, profile: CpuProfile): string {
  const all = rootOf(profile);
  const called = all.called.filter(({ node }) => node.callFrame.functionName !== "(idle)");
  const busy = called.reduce((sum, { samples }) => sum + samples, 0);
  const root: Frame = { node: all.node, samples: busy, called };
  const height = headHeight + rowHeight * depthOf(root);
  const idle = ((all.samples - busy) / all.samples) * 100;
  const text = `${title}; ${busy} samples at work, ${idle.toFixed(0)} % idle beside`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="4" y="15">${escaped(text)}</text>
${owners.map(({ owner, colour }, at) => `<rect x="${4 + at * 160}" y="23" width="11" height="11" fill="${colour}"/><text x="${20 + at * 160}" y="33">${owner}</text>`).join("\n")}
${draw(root, 0, height - rowHeight, width / busy, busy).join("\n")}
</svg>
`;
}

function rootOf({ nodes, samples }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Map<number, number>();
  for (const id of samples) own.set(id, (own.get(id) ?? 0) + 1);
  const frameOf = (node: ProfileNode): Frame => {
    const called = (node.children ?? []).map((id) => frameOf(byId.get(id) as ProfileNode));
    const total = called.reduce((sum, frame) => sum + frame.samples, own.get(node.id) ?? 0);
    return { node, samples: total, called: called.filter((frame) => frame.samples > 0) };
  };
  const [root] = nodes;
  if (!root) throw new Error("The profile is empty");
  return frameOf(root);
}

const depthOf = ({ called }: Frame): number => 1 + Math.max(0, ...called.map(depthOf));

function draw({ node, samples, called }: Frame, x: number, y: number, scale: number, all: number): string[] {
  const wide = samples * scale;
  if (wide < leastWidth) return [];
  const { functionName, url, lineNumber } = node.callFrame;
  const name = functionName || "(anonymous)";
  const place = url ? ` ${url}:${lineNumber + 1}` : "";
  const title = escaped(`${name}${place}, ${((samples / all) * 100).toFixed(1)} %`);
  const colour = owners.find(({ isOf }) => isOf(url))?.colour;
  const fits = Math.floor((wide - 4) / characterWidth);
  const label =
    fits >= 3 ? `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(name.slice(0, fits))}</text>` : "";
  const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${rowHeight - 1}" fill="${colour}"/>`;
  let at = x;
  const above = called
    .toSorted((a, b) => b.samples - a.samples)
    .flatMap((frame) => {
      const drawn = draw(frame, at, y - rowHeight, scale, all);
      at += frame.samples * scale;
      return drawn;
    });
  return [`<g><title>${title}</title>${box}${label}</g>`, ...above];
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escaped = (text: string): string => text.replace(/[&<>]/g, (character) => entities[character] ?? "");
