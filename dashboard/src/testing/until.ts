/** Waiting in tests. */

import { vi } from "vitest";

/** How long a test waits for what surely comes; it only ends what hangs. */
export const PATIENCE_MS = 20_000;

export function until(holds: () => void): Promise<void> {
  return vi.waitFor(holds, { timeout: PATIENCE_MS });
}
