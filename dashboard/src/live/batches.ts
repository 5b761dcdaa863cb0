/** Names that are collected and handed on together: the first at once, the rest at most every `ms`. */

export class Batches {
  private waiting = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ms: number,
    private readonly handle: (names: string[]) => void,
  ) {}

  add(name: string): void {
    this.waiting.add(name);
    // The first of a batch waits a little, so that events that come together are one fetch.
    this.timer ??= setTimeout(this.flush, Math.min(50, this.ms));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.clear();
  }

  private flush = (): void => {
    const names = [...this.waiting];
    this.waiting.clear();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.waiting.size > 0) this.flush();
    }, this.ms);
    this.handle(names);
  };
}
