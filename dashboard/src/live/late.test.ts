import { expect, test, vi } from "vitest";
import { Gate } from "@/api/gate";
import { json, notice, stored } from "@/testing/events";
import { until } from "@/testing/until";
import { Hub } from "./hub";

test("answers that did not wait for a position are asked for again once the stream is there", async () => {
  let tell: (answer: Response) => void = () => undefined;
  const position = new Promise<Response>((resolve) => {
    tell = resolve;
  });
  const stream = new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } });
  vi.stubGlobal("fetch", (input: URL) =>
    input.pathname === "/events/page" ? position : Promise.resolve(stream),
  );
  const gate = new Gate();
  const hub = new Hub(gate);
  const resets = vi.fn();
  hub.onReset(resets);
  hub.start();
  await gate.passed(); // gives way by itself
  expect(hub.status.state).toBe("connecting");
  tell(json({ items: [stored(7, notice("newest"))], next: null }));
  await until(() => expect(hub.status.state).toBe("live"));
  expect(resets).toHaveBeenCalledTimes(1);
  hub.stop();
  vi.unstubAllGlobals();
});
