import sharp, { type Color } from "sharp";

export type SamplePicture = {
  readonly format?: "jpeg" | "png" | "webp" | "gif";
  readonly width?: number;
  readonly height?: number;
  readonly colour?: Color;
};

/** A picture of one colour, as a real file. */
export const samplePicture = ({
  format = "jpeg",
  width = 800,
  height = 800,
  colour = "#c04020",
}: SamplePicture = {}): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 4, background: colour } })
    .toFormat(format)
    .toBuffer();

/** The picture as a tag of a music file. */
export const coverTag = async (picture: SamplePicture = {}) => ({
  data: new Uint8Array(await samplePicture(picture)),
  mimeType: `image/${picture.format ?? "jpeg"}`,
  kind: "coverFront" as const,
});
