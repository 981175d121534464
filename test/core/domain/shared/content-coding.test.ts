import { expect, it } from "vitest";
import { chooseCoding } from "../../../../core/domain/shared/content-coding.ts";

it.each([
  [undefined, "identity"],
  ["", "identity"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate", "gzip"],
  ["GZIP", "gzip"],
  ["*", "br"],
  ["br;q=0, *", "gzip"],
  ["br;q=0.5, gzip;q=1.0", "gzip"],
  ["gzip;q=0.5, identity", "identity"],
  ["gzip ; q=0.2 , br ;q=0", "gzip"],
  ["br, identity;q=0", "br"],
  ["gzip, *;q=0", "gzip"],
  ["identity;q=0", "identity"],
  ["*;q=0", "identity"],
  ["deflate, zstd", "identity"],
  ["br;q=x", "br"],
  [",;,=;q", "identity"],
])("of Accept-Encoding %s, %s is sent", (header, coding) => {
  expect(chooseCoding(header)).toBe(coding);
});
