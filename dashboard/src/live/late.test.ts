import { expect, test, vi } from "vitest";
import { json, notice, stored } from "@/testing/events";
import { until } from "@/testing/until";

test("answers that did not wait for a position are asked for again once the stream is there", async () => {
  vi.resetModules(); // the gate of the other tests is open
  const [{ gate }, { Hub }] = await Promise.all([import("@/api/gate"), import("./hub")]);
  let tell: (answer: Response) => void = () => undefined;
  const position = new Promise<Response>((resolve) => {
    tell = resolve;
  });
  const stream = new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } });
  vi.stubGlobal("fetch", (input: URL) =>
    input.pathname === "/events/page" ? position : Promise.resolve(stream),
  );
  const hub = new Hub();
  const resets = vi.fn();
  hub.onReset(resets);
  hub.start();
  await gate(); // gives way by itself
  expect(hub.status.state).toBe("connecting");
  tell(json({ items: [stored(7, notice("newest"))], next: null }));
  await until(() => expect(hub.status.state).toBe("live"));
  expect(resets).toHaveBeenCalledTimes(1);
  hub.stop();
  vi.unstubAllGlobals();
});
