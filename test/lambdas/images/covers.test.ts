import { crc32 } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { coverResizer } from "../../../lambdas/images/covers.ts";
import { samplePicture } from "../../support/sample-picture.ts";

const sizes = [160, 320, 640];

/** What sharp, another program's worth of decoders, makes of each size. */
async function resize(picture: Buffer) {
  const pictures = (await coverResizer.resize(picture, sizes)) ?? [];
  return Promise.all(
    pictures.map(async ({ bytes, contentType }) => {
      const image = sharp(bytes);
      const { width, height, exif, space } = await image.metadata();
      const { dominant } = await image.stats();
      return { contentType, width, height, space, exif, dominant };
    }),
  );
}

describe("A cover", () => {
  it.each(["jpeg", "png", "webp", "gif"] as const)("of %s becomes JPEGs of each size", async (format) => {
    const made = await resize(await samplePicture({ format, width: 1000, height: 1000 }));
    expect(made.map(({ width, height }) => [width, height])).toEqual([
      [160, 160],
      [320, 320],
      [640, 640],
    ]);
    for (const { contentType, dominant } of made) {
      expect(contentType).toBe("image/jpeg");
      expect(dominant.r).toBeGreaterThan(dominant.b + 100);
    }
  });

  it.each([
    [900, 300],
    [123, 457],
    [3000, 2999],
    [1, 1],
    [641, 7],
  ])("of %i by %i keeps its shape within a pixel, and is never made larger", async (width, height) => {
    const made = await resize(await samplePicture({ width, height }));
    for (const [at, size] of sizes.entries()) {
      const scale = Math.min(1, size / Math.max(width, height));
      expect(Math.abs((made[at]?.width ?? 0) - width * scale)).toBeLessThanOrEqual(1);
      expect(Math.abs((made[at]?.height ?? 0) - height * scale)).toBeLessThanOrEqual(1);
    }
  });

  it("stands upright and tells nothing of who took it where", async () => {
    const picture = await sharp(await samplePicture({ width: 900, height: 300 }))
      .withExif({ IFD0: { Copyright: "Somebody" }, IFD3: { GPSLatitude: "52/1 30/1 0/1" } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    for (const { width, height, exif } of await resize(picture)) {
      expect(height).toBeGreaterThan(width ?? 0);
      expect(exif).toBeUndefined();
    }
  });

  it("of print's colours becomes one of screens'", async () => {
    const picture = await sharp(await samplePicture({}))
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    for (const { space } of await resize(picture)) expect(space).toBe("srgb");
  });

  it("of progressive JPEG is read", async () => {
    const picture = await sharp(await samplePicture({}))
      .jpeg({ progressive: true })
      .toBuffer();
    expect(await resize(picture)).toHaveLength(3);
  });

  it("with holes shows white through them", async () => {
    const hole = { r: 0, g: 0, b: 0, alpha: 0 };
    for (const { dominant } of await resize(await samplePicture({ format: "png", colour: hole })))
      expect(Math.min(dominant.r, dominant.g, dominant.b)).toBeGreaterThan(240);
  });

  it("leaves no trace in what other libraries go by", async () => {
    await resize(await samplePicture());
    expect("Worker" in globalThis).toBe(false);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("<svg onload=alert(1)></svg>")],
    ["the beginning of a JPEG", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])],
  ])("that is %s is none", async (_name, picture) => {
    expect(await coverResizer.resize(picture, sizes)).toBeUndefined();
  });

  it("of more pixels than any cover needs is none, however few its bytes", async () => {
    const bomb = await samplePicture({ format: "png", width: 7_200, height: 7_200 });
    expect(bomb.length).toBeLessThan(2 ** 20);
    expect(await coverResizer.resize(bomb, sizes)).toBeUndefined();
  });

  it.each([
    ["PNG of 60,000 by 60,000", "png", (bytes: Buffer) => enlargePng(bytes, 60_000)],
    ["GIF of 65,535 by 65,535", "gif", (bytes: Buffer) => enlargeGif(bytes, 65_535)],
  ] as const)("that says that it is a %s is none, before anything is decoded", async (_, format, enlarge) => {
    const bomb = enlarge(await samplePicture({ format, width: 64, height: 64 }));
    expect(await coverResizer.resize(bomb, sizes)).toBeUndefined();
    // The next one is made as ever.
    expect(await resize(await samplePicture())).toHaveLength(3);
  });
});

function enlargePng(png: Buffer, pixels: number): Buffer {
  png.writeUInt32BE(pixels, 16);
  png.writeUInt32BE(pixels, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

/** The screen, and the one picture on it. */
function enlargeGif(gif: Buffer, pixels: number): Buffer {
  const descriptor = gif.indexOf(0x2c, 13);
  for (const at of [6, 8, descriptor + 5, descriptor + 7]) gif.writeUInt16LE(pixels, at);
  return gif;
}
