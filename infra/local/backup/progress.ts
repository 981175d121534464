import type { Output } from "../output.ts";

/** Says how far a step is, on one line of a terminal; elsewhere only that it begins. */
export type Progress = {
  /** @param total in the unit of `add` */
  begin(step: string, total?: number): void;
  add(count: number): void;
  end(): void;
};

const everyMs = 200;

export function createProgress(output: Output): Progress {
  let step = "";
  let total: number | undefined;
  let done = 0;
  let shownAt = 0;

  function show(): void {
    if (!output.isTTY || step === "") return;
    const amount = total
      ? `${Math.min(100, Math.floor((done / total) * 100))}%`
      : done > 0
        ? String(done)
        : "";
    output.write(`\r\u001b[K${step} ${amount}`);
    shownAt = Date.now();
  }

  return {
    begin(name, of) {
      [step, total, done] = [name, of, 0];
      if (output.isTTY) show();
      else output.write(`${name}\n`);
    },
    add(count) {
      done += count;
      if (Date.now() - shownAt >= everyMs) show();
    },
    end() {
      if (output.isTTY && step !== "") output.write("\r\u001b[K");
      step = "";
    },
  };
}
