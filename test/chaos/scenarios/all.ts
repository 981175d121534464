import { fleet } from "./fleet.ts";
import { hearing } from "./hearing.ts";
import type { Scenario } from "./stage.ts";
import { writing } from "./writing.ts";

/** Every promise under faults that has a defence of its own; `README.md` lists them. */
export const scenarios: readonly Scenario[] = [...writing, ...hearing, ...fleet];
