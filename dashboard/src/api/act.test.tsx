import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { useActKey } from "./act";

test("the same thing sent again has the key of the first time, another thing its own", () => {
  const { result } = renderHook(() => useActKey());
  const first = result.current({ a: 1 });
  expect(result.current({ a: 1 })).toBe(first);
  expect(result.current({ a: 2 })).not.toBe(first);
});
