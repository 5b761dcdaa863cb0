/** Waits between tries: full jitter between one second and a bound that doubles to fifteen. */

export const FIRST_MS = 1_000;
export const MOST_MS = 15_000;

export function delayMs(tries: number, random: () => number = Math.random): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1));
  return FIRST_MS + random() * (most - FIRST_MS);
}

export class Backoff {
  private wake: (() => void) | null = null;
  private hurried = false;

  constructor(private readonly random: () => number = Math.random) {}

  /** Until it is time to try again, `skip` is called or `ended` is aborted. */
  wait(tries: number, ended: AbortSignal): Promise<void> {
    return this.sleep(delayMs(tries, this.random), ended);
  }

  /** Until `skip` is called or `ended` is aborted. */
  skipped(ended: AbortSignal): Promise<void> {
    return this.sleep(null, ended);
  }

  /** End the present wait, or leave out the next one. */
  skip(): void {
    if (this.wake) this.wake();
    else this.hurried = true;
  }

  private sleep(ms: number | null, ended: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const done = () => {
        clearTimeout(timer);
        ended.removeEventListener("abort", done);
        this.wake = null;
        resolve();
      };
      if (ended.aborted || this.hurried) {
        this.hurried = false;
        return resolve();
      }
      if (ms !== null) timer = setTimeout(done, ms);
      ended.addEventListener("abort", done, { once: true });
      this.wake = done;
    });
  }
}
