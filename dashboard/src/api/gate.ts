/** Answers are asked for once it is known behind which event they begin; for at most two seconds they wait for that. */

const LONGEST_MS = 2_000;
let open: () => void = () => undefined;
const opened = new Promise<void>((resolve) => {
  open = resolve;
});
let waited: Promise<void> | null = null;

export function openGate(): void {
  open();
}

export function gate(): Promise<void> {
  waited ??= Promise.race([opened, new Promise<void>((resolve) => setTimeout(resolve, LONGEST_MS))]);
  return waited;
}
