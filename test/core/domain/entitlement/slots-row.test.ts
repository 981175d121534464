import { expect, test } from "vitest";
import { slotsFromRow, slotsToRow } from "../../../../core/domain/entitlement/slots-row.ts";

const slot = { endpointId: "node-a", deviceName: "Test", order: 2, since: "2026-01-01T00:00:00.000Z" };
const displacement = { version: 3, at: "2026-01-02T00:00:00.000Z", wish: "wish" };
const row = {
  userId: "user",
  connectionId: "streams",
  version: 3,
  places: { session: slot },
  displaced: { other: displacement },
};

test("A row of stream slots keeps the attributes that rows on disk have", () => {
  const slots = slotsFromRow(row);
  expect(slots).toEqual({
    version: 3,
    bySession: new Map([["session", slot]]),
    displaced: new Map([["other", displacement]]),
  });
  expect(slotsToRow("user", slots)).toEqual(row);
});

test("No row is no slots, at version 0", () => {
  expect(slotsFromRow(undefined)).toEqual({ version: 0, bySession: new Map(), displaced: new Map() });
});
