import { expect, it } from "vitest";
import { isVarious } from "../../../../core/domain/catalogue/credits.ts";

it.each(["Various Artists", "VARIOUS", "VA", "V.A.", "Verschiedene Interpreten", "Artistes Varies", "群星"])(
  "%s is nobody",
  (name) => expect(isVarious(name)).toBe(true),
);

it.each(["Vanessa", "V", "Various Production", "Diverse Men"])("%s is somebody", (name) =>
  expect(isVarious(name)).toBe(false),
);
