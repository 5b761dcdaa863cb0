/** Time that passes only when a test says so: for what depends on how soon a letter follows another. */

import { act } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { vi } from "vitest";

/** From now on nothing becomes due by itself; somebody who types meanwhile. */
export function stillTime() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  // The testing library looks for its clock under this name.
  vi.stubGlobal("jest", vi);
  return userEvent.setup({ advanceTimers: (ms) => void vi.advanceTimersByTime(ms) });
}

export function pass(ms: number): void {
  act(() => void vi.advanceTimersByTime(ms));
}
