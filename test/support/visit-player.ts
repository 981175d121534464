import { onTestFinished } from "vitest";
import { openPlayer, type PlayerPage } from "./player-page.ts";

/** Opens the player as a visitor of its own, who leaves when the test is finished. */
export async function visitPlayer(...place: Parameters<typeof openPlayer>): Promise<PlayerPage> {
  const visitor = await openPlayer(...place);
  onTestFinished(() => visitor.context.close());
  return visitor;
}
