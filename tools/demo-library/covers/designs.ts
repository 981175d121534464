import { type Random, seeded } from "../synth/random.ts";

/** Covers are squares of this many pixels. */
const COVER_SIZE = 600;

const SIZE = COVER_SIZE;
const HALF = SIZE / 2;

type Point = readonly [x: number, y: number];

function gradient(id: string, colours: readonly string[], direction = 'x1="0" y1="0" x2="0" y2="1"'): string {
  const stops = colours.map(
    (colour, index) => `<stop offset="${index / (colours.length - 1)}" stop-color="${colour}"/>`,
  );
  return `<linearGradient id="${id}" ${direction}>${stops.join("")}</linearGradient>`;
}

function circle([x, y]: Point, radius: number, style: string): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}" ${style}/>`;
}

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function page(definitions: string, shapes: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="0 0 ${SIZE} ${SIZE}">
<defs>${definitions}</defs><rect width="${SIZE}" height="${SIZE}" fill="url(#ground)"/>${shapes.join("")}</svg>`;
}

/** A sun over the sea, its light on the waves in stripes like keys. */
function sunrise(): string {
  const horizon = 380;
  const definitions =
    gradient("ground", ["#2b2d6e", "#b84a7a", "#ff9a62", "#ffd58a"]) +
    gradient("sun", ["#fff6d6", "#ffb45e"]);
  const halo = range(5, (i) =>
    circle([HALF, horizon], 150 + i * 44, `fill="#fff1c9" opacity="${0.13 - i * 0.02}"`),
  );
  const sea = `<rect y="${horizon}" width="${SIZE}" height="${SIZE - horizon}" fill="#2a2457"/>`;
  const keys = range(11, (i) => {
    const width = 300 - i * 22 + (i % 2) * 46;
    const y = horizon + 6 + i * i * 1.55;
    return `<rect x="${HALF - width / 2}" y="${y}" width="${width}" height="${4 + i * 1.15}" rx="3" fill="#ffc27a" opacity="${0.95 - i * 0.06}"/>`;
  });
  return page(definitions, [...halo, circle([HALF, horizon], 128, 'fill="url(#sun)"'), sea, ...keys]);
}

/** Rows of concentric arches, as of an orchestra's seats. */
function arches(): string {
  const colours = ["#f4e3c1", "#e2a76f", "#c8553d", "#588b8b", "#1f4e5f"];
  const rows = range(7, (row) =>
    range(7, (column) => {
      const offset = row % 2 === 0 ? 0 : 60;
      const centre: Point = [column * 120 - 60 + offset, 70 + row * 100];
      return range(5, (ring) => circle(centre, 90 - ring * 18, `fill="${colours[(ring + row) % 5]}"`)).join(
        "",
      );
    }).join(""),
  );
  return page(gradient("ground", ["#1f4e5f", "#163642"]), rows);
}

/** Hills behind hills, paler with the distance, under a small moon. */
function hills(): string {
  const random = seeded(3);
  const colours = ["#a8c9bd", "#7fae9f", "#5a9180", "#3b7362", "#245548", "#123831"];
  const moon = circle([430, 150], 56, 'fill="#fff4dc" opacity="0.95"');
  const ridges = colours.map((colour, index) => {
    const base = 250 + index * 58;
    const heights = wave(random, 30 + index * 5);
    const points = range(61, (i) => `${i * 10},${(base + heights(i / 60)).toFixed(1)}`);
    return `<polygon points="0,${SIZE} ${points.join(" ")} ${SIZE},${SIZE}" fill="${colour}"/>`;
  });
  return page(gradient("ground", ["#f6c9a0", "#f7e3c4", "#dfe9dc"]), [moon, ...ridges]);
}

/** A sum of three sines with phases by chance. */
function wave(random: Random, height: number): (x: number) => number {
  const terms = range(3, (i) => ({
    rate: (i + 1) * (1.2 + random()),
    phase: random() * 6.3,
    size: height / (i + 1),
  }));
  return (x) =>
    terms.reduce((sum, { rate, phase, size }) => sum + size * Math.sin(rate * Math.PI * x + phase), 0);
}

/** A lamp's rings of light among stars. */
function night(): string {
  const random = seeded(11);
  const stars = range(150, () => {
    const place: Point = [random() * SIZE, random() * SIZE];
    return circle(
      place,
      0.6 + random() ** 3 * 2.6,
      `fill="#fdf6e3" opacity="${(0.3 + random() * 0.7).toFixed(2)}"`,
    );
  });
  const rings = range(9, (i) => circle([HALF, HALF], 250 - i * 25, 'fill="#ffd98a" opacity="0.075"'));
  const shadow = `<mask id="crescent">${circle([HALF, HALF], 92, 'fill="#fff"')}${circle([HALF + 38, HALF - 22], 80, 'fill="#000"')}</mask>`;
  const moon = `<rect width="${SIZE}" height="${SIZE}" fill="#ffe9b8" mask="url(#crescent)"/>`;
  return page(gradient("ground", ["#0f1338", "#2b2460", "#5a4384"]) + shadow, [...stars, ...rings, moon]);
}

/** Rings of petals, each turned against the one inside it: skirts in a round dance. */
function petals(): string {
  const colours = ["#ffd166", "#f78c6b", "#ef476f", "#b5179e", "#5f0f80"];
  const rings = colours.toReversed().map((colour, index) => {
    const length = 290 - index * 52;
    const turned = range(14, (i) => {
      const degrees = (360 / 14) * (i + (index % 2) / 2);
      const shape = `<ellipse cx="${HALF}" cy="${HALF - length / 2}" rx="${length * 0.19}" ry="${length / 2}"`;
      return `${shape} fill="${colour}" opacity="0.72" transform="rotate(${degrees.toFixed(2)} ${HALF} ${HALF})"/>`;
    });
    return turned.join("");
  });
  return page(gradient("ground", ["#2d0a45", "#12042b"]), [
    ...rings,
    circle([HALF, HALF], 22, 'fill="#fff3d1"'),
  ]);
}

/** Pictures of our own, as SVG without text, so that no font is needed. */
export const designs = { sunrise, arches, hills, night, petals } satisfies Record<string, () => string>;

export type CoverDesign = keyof typeof designs;
