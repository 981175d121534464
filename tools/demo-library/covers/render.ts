import sharp from "sharp";
import { type CoverDesign, designs } from "./designs.ts";

/** Renders a cover to a JPEG of 600 by 600 pixels. */
export async function renderCover(design: CoverDesign): Promise<Uint8Array> {
  return sharp(Buffer.from(designs[design]())).jpeg({ quality: 86, mozjpeg: true }).toBuffer();
}
