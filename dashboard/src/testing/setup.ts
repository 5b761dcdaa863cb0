import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { gate } from "@/api/gate";
import { PATIENCE_MS } from "./until";

// No test waits for a stream that it does not have.
gate.open();

// Where many processes share a processor a second is nothing: these only end what hangs.
configure({ asyncUtilTimeout: PATIENCE_MS });
vi.setConfig({ testTimeout: 3 * PATIENCE_MS });

afterEach(cleanup);
afterEach(() => void vi.useRealTimers());

// jsdom has neither; components only ask.
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollIntoView ??= () => undefined;
