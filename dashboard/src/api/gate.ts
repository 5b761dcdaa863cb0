/** Answers are asked for once it is known behind which event they begin; for at most two seconds they wait for that. */

const LONGEST_MS = 2_000;
let open: () => void = () => undefined;
const opened = new Promise<void>((resolve) => {
  open = resolve;
});
let waited: Promise<void> | null = null;
let isOpen = false;
let gaveWay = false;

export function openGate(): void {
  isOpen = true;
  open();
}

export function gate(): Promise<void> {
  waited ??= Promise.race([
    opened,
    new Promise<void>((resolve) =>
      setTimeout(() => {
        gaveWay = !isOpen;
        resolve();
      }, LONGEST_MS),
    ),
  ]);
  return waited;
}

/** Whether answers were asked for before anybody knew behind which event they begin. */
export function gateGaveWay(): boolean {
  return gaveWay;
}
