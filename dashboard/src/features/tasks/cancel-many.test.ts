import { expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { forEach } from "./cancel-many";

test("at most four are under way at once, and each is done once", async () => {
  let now = 0;
  let most = 0;
  const seen: number[] = [];
  await forEach(
    Array.from({ length: 11 }, (_, n) => n),
    4,
    async (n) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      seen.push(n);
      now -= 1;
    },
  );
  expect(most).toBe(4);
  expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("one that fails is named with the reason, and the others go on", async () => {
  const progress: number[] = [];
  const failures = await forEach(
    ["a", "b", "c"],
    2,
    (id) => (id === "b" ? Promise.reject(new Problem(409, "Conflict", "it has ended")) : Promise.resolve()),
    (done) => progress.push(done),
  );
  expect(failures).toEqual([{ item: "b", reason: "it has ended" }]);
  expect(progress).toEqual([1, 2, 3]);
});
