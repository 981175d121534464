/** Does `work`, which does not throw, again and again, one run after the other. @returns the stop, which waits for a run */
export function repeat(everyMs: () => number, work: () => Promise<unknown>): () => Promise<void> {
  let stopped = false;
  let run: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const schedule = () => {
    timer = setTimeout(() => {
      run = work().finally(() => {
        if (!stopped) schedule();
      });
    }, everyMs());
    timer.unref();
  };
  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await run;
  };
}
