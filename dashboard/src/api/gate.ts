/** Answers are asked for once it is known behind which event they begin; for at most two seconds they wait for that. */

const LONGEST_MS = 2_000;

export class Gate {
  /** Whether answers were asked for before anybody knew behind which event they begin. */
  gaveWay = false;
  private isOpen = false;
  private letThrough: () => void = () => undefined;
  private opened = new Promise<void>((resolve) => {
    this.letThrough = resolve;
  });
  private waited: Promise<void> | null = null;

  open(): void {
    this.isOpen = true;
    this.letThrough();
  }

  passed(): Promise<void> {
    this.waited ??= Promise.race([this.opened, this.tooLong()]);
    return this.waited;
  }

  private async tooLong(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, LONGEST_MS));
    this.gaveWay = !this.isOpen;
  }
}

/** The one of this page. */
export const gate = new Gate();
