import type { Static } from "typebox";
import * as Type from "typebox";
import { Cursor, Id, Limit, Page, Strict, Timestamp } from "./common.ts";

export const ConnectionKind = Type.Union([Type.Literal("live"), Type.Literal("stream")]);

/** A live connection or a streaming device, as operators see it. */
export const Connection = Strict({
  connectionId: Type.String(),
  kind: ConnectionKind,
  userId: Id,
  sessionId: Id,
  deviceName: Type.String(),
  endpointId: Type.String(),
  since: Timestamp,
});
export type Connection = Static<typeof Connection>;

export const ConnectionQuery = Strict({
  userId: Type.Optional(Id),
  endpointId: Type.Optional(Type.String({ maxLength: 128 })),
  limit: Type.Optional(Limit),
  cursor: Type.Optional(Cursor),
});
export type ConnectionQuery = Static<typeof ConnectionQuery>;
export const ConnectionPage = Page(Connection);

export const OpsSummary = Strict({
  connections: Strict({ live: Type.Integer(), stream: Type.Integer() }),
  users: Type.Integer({ description: "Users with at least one connection" }),
  endpoints: Type.Array(
    Strict({
      endpointId: Type.String(),
      kind: Type.String(),
      connections: Type.Integer(),
      alive: Type.Boolean(),
    }),
  ),
  at: Timestamp,
});
export type OpsSummary = Static<typeof OpsSummary>;
