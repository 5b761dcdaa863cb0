/** The same for many, a few at a time; what failed is told with its reason, and stops none of the others. */

import { asProblem } from "@/api/problem";

export interface Failure<T> {
  item: T;
  reason: string;
}

export async function forEach<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<unknown>,
  onDone: (done: number) => void = () => undefined,
): Promise<Failure<T>[]> {
  const waiting = [...items];
  const failures: Failure<T>[] = [];
  let done = 0;
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const one = item;
      await act(one).catch((error: unknown) =>
        failures.push({ item: one, reason: asProblem(error).message }),
      );
      done += 1;
      onDone(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return failures;
}
