import type { Static } from "typebox";
import * as Type from "typebox";
import { Id, Patch, Strict, Timestamp } from "./common.ts";
import { emailPattern, Text } from "./text.ts";

export const PlanName = Type.Union([Type.Literal("free"), Type.Literal("plus"), Type.Literal("hifi")]);
export type PlanName = Static<typeof PlanName>;

export const Role = Type.Union([Type.Literal("listener"), Type.Literal("curator"), Type.Literal("ops")]);
export type Role = Static<typeof Role>;

/** What a plan lets its owner do. */
export const Entitlements = Strict({
  fullSongs: Type.Union([Type.Literal("free"), Type.Literal("all")], {
    description: "Which tier of songs is heard whole; others as a preview of 30 s",
  }),
  subscriptions: Type.Integer({ description: "How many songs may be subscribed at once" }),
  devices: Type.Integer({ description: "How many devices may stream at the same time" }),
});
export type Entitlements = Static<typeof Entitlements>;

export const Plan = Strict({ name: PlanName, title: Type.String(), entitlements: Entitlements });
export type Plan = Static<typeof Plan>;
export const PlanList = Strict({ items: Type.Array(Plan) });

export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: emailPattern,
  description: "Compared trimmed, in lower case, composed (NFC), and with its domain in ASCII (IDNA)",
});
/** Any characters; no composition rules (OWASP ASVS 5.0, 6.2). */
export const Password = Type.String({ minLength: 1, maxLength: 256 });
/** Whether it is good is not for a schema to say: too short is `weak-password` as well, with words for people. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 256,
  description:
    "At least 8 characters, and not what is tried first: common words, sequences, dates, the own name or address (422 `weak-password`)",
  examples: ["quiet otters map the harbour"],
});
/** In code points. */
export const maxNameLengths = { userName: 64, deviceName: 80 };
export const UserName = Text(maxNameLengths.userName);

export const User = Strict({
  userId: Id,
  email: Type.String(),
  userName: Type.String(),
  role: Role,
  plan: PlanName,
  entitlements: Entitlements,
  createdAt: Timestamp,
});
export type User = Static<typeof User>;

/** How the session's tokens travel: HttpOnly cookies for browsers, the body for other clients. */
export const SessionKind = Type.Union([Type.Literal("cookie"), Type.Literal("bearer")], {
  default: "cookie",
});
export const DeviceName = Text(maxNameLengths.deviceName);

export const RegisterInput = Strict({
  email: Email,
  password: NewPassword,
  userName: UserName,
  session: Type.Optional(SessionKind),
  deviceName: Type.Optional(DeviceName),
});
export type RegisterInput = Static<typeof RegisterInput>;

/** A browser's comes by cookie. */
export const DeviceToken = Type.String({
  maxLength: 256,
  description:
    "The `deviceToken` of an earlier sign-in: such a device is let in while others' wrong tries keep strangers out",
});

export const LoginInput = Strict({
  email: Email,
  password: Password,
  session: Type.Optional(SessionKind),
  deviceName: Type.Optional(DeviceName),
  deviceToken: Type.Optional(DeviceToken),
});
export type LoginInput = Static<typeof LoginInput>;

/** A bearer client sends its refresh token; a browser's comes by cookie. */
export const RefreshInput = Strict({ refreshToken: Type.Optional(Type.String({ maxLength: 256 })) });
export type RefreshInput = Static<typeof RefreshInput>;

/** The token fields are there for `"session": "bearer"` only. */
export const SignedIn = Strict({
  user: User,
  accessToken: Type.Optional(Type.String()),
  refreshToken: Type.Optional(Type.String()),
  deviceToken: Type.Optional(
    Type.String({
      description: "To be kept, and shown at the next sign-in of this device; it opens nothing",
    }),
  ),
  expiresIn: Type.Integer({ description: "Seconds until the access token expires" }),
});
export type SignedIn = Static<typeof SignedIn>;

export const PatchMeInput = Patch(Strict({ userName: UserName }));
export type PatchMeInput = Static<typeof PatchMeInput>;
export const ChangePasswordInput = Strict({ currentPassword: Password, newPassword: NewPassword });
export type ChangePasswordInput = Static<typeof ChangePasswordInput>;
export const ChangePlanInput = Strict({ plan: PlanName });
export type ChangePlanInput = Static<typeof ChangePlanInput>;

export const Session = Strict({
  sessionId: Id,
  deviceName: Type.String(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp,
  current: Type.Boolean({ description: "The session that asks" }),
});
export type Session = Static<typeof Session>;
export const SessionList = Strict({ items: Type.Array(Session) });
