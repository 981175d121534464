import * as Type from "typebox";
import { Id } from "../../core/contract/common.ts";

export const songParams = Type.Object({ songId: Id });

export const noContent = { status: 204 } as const;
