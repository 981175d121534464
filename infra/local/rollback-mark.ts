/** The key of the row that marks the tables (`rollback.ts`), in `audit`: no day has it. */
export const markKey = { day: "data-folder", sk: "mark" };
