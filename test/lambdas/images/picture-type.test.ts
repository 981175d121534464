import { expect, it } from "vitest";
import { pictureType } from "../../../lambdas/images/picture-type.ts";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { sampleAudio } from "../../support/sample-audio.ts";
import { samplePicture } from "../../support/sample-picture.ts";
import { id3Frame, id3v2 } from "../../support/tag-bytes.ts";

const formats = ["jpeg", "png", "webp", "gif"] as const;

it.each(formats)("A %s is known by its bytes, whatever a tag calls it", async (format) => {
  const picture = await samplePicture({ format, width: 32, height: 32 });
  for (const name of [
    "image/",
    "image/jpg",
    "JPG",
    "",
    "image/x-png",
    "application/octet-stream",
    "image/gif",
  ]) {
    const data = Buffer.concat([Buffer.from(`\0${name}\0\x03\0`, "latin1"), picture]);
    const file = Buffer.concat([id3v2({ frames: [id3Frame("APIC", data)] }), await sampleAudio()]);
    expect([name, (await inspectBytes(file)).cover?.contentType]).toEqual([name, `image/${format}`]);
  }
});

it("What not every browser shows is no picture", () => {
  for (const start of [
    "",
    "BM",
    "II*\0",
    "<svg",
    "http://example.com/a.jpg",
    "RIFF\0\0\0\0WAVE",
    "II*\0\x10\0\0\0WEBP",
  ])
    expect(pictureType(Buffer.from(start, "latin1"))).toBeUndefined();
});

it("A front that no browser shows gives way to another picture of the file", async () => {
  const jpeg = await samplePicture({ width: 32, height: 32 });
  const picture = (kind: number, data: Buffer) =>
    id3Frame("APIC", Buffer.concat([Buffer.from("\0image/x\0", "latin1"), Buffer.of(kind, 0), data]));
  const tag = id3v2({ frames: [picture(3, Buffer.from("BM of Windows")), picture(4, jpeg)] });
  const { cover } = await inspectBytes(Buffer.concat([tag, await sampleAudio()]));
  expect(cover?.contentType).toBe("image/jpeg");
});
