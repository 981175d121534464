import { type Figures, median, valuesOf } from "../support/figures.ts";
import { type Goal, verdict } from "../support/goals.ts";
import { type Found, reportByServer } from "../support/report.ts";
import { isEncore, isNginx } from "./competitors.ts";
import type { Size } from "./goals.ts";

/** All figures of one size with the ratios of each round, and whether the better Encore reaches what is asked. */
export function judge(title: string, size: Size, found: Found): void {
  const nginx = best(found, isNginx);
  if (nginx === undefined) {
    reportByServer(title, found);
    return;
  }
  const ratios = new Map(
    [...found].map(([name, rounds]) => [name, withRatios(rounds, found.get(nginx) ?? [])]),
  );
  reportByServer(title, ratios);
  const encore = best(found, isEncore) ?? "";
  const reached = (figure: string) => median(valuesOf(ratios.get(encore) ?? [], figure));
  const say = (what: string, goal: Goal, times: number) =>
    console.log(`  ${encore}: ${times.toFixed(2)} times the ${what} of ${nginx}, ${verdict(goal, times)}`);
  say("requests/s", { atLeast: size.timesNginx }, reached(timesRequests));
  say("p99", { atMost: 1 }, reached(timesP99));
}

const timesRequests = "times nginx";
const timesP99 = "p99 times nginx";

const best = (found: Found, isOne: (name: string) => boolean): string | undefined =>
  [...found.keys()].filter(isOne).toSorted((a, b) => perSecond(found.get(b)) - perSecond(found.get(a)))[0];

const perSecond = (rounds: readonly Figures[] = []): number => median(valuesOf(rounds, "requests/s"));

const withRatios = (rounds: readonly Figures[], nginx: readonly Figures[]): readonly Figures[] =>
  rounds.map((own, round) => ({
    ...own,
    [timesRequests]: ratio(own, nginx[round], "requests/s"),
    [timesP99]: ratio(own, nginx[round], "p99 ms"),
  }));

const ratio = (own: Figures, other: Figures = {}, figure: string): number =>
  (own[figure] ?? Number.NaN) / (other[figure] ?? Number.NaN);
