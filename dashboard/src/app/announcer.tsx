/** What screen readers are told: what agents finished, at most every five seconds; a new question at once. */

import { useEffect, useRef, useState } from "react";
import type { StoredEvent } from "@/api/types";
import { agentTitle } from "@/lib/format";
import { preferences } from "@/lib/preferences";
import { useEvents } from "@/live";

const EVERY_MS = 5_000;

export function Announcer() {
  const [polite, setPolite] = useState("");
  const [urgent, setUrgent] = useState("");
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEvents((events) => {
    const asked = events.find(({ event }) => event.type === "interrupt.opened");
    if (asked?.event.type === "interrupt.opened") {
      setUrgent(`A question waits: ${asked.event.prompt}`);
      notify(asked.event.prompt);
    }
    waiting.current.push(...events.flatMap(said));
    if (waiting.current.length > 0 && timer.current === undefined) {
      timer.current = setTimeout(() => {
        timer.current = undefined;
        setPolite(waiting.current.slice(-3).join(". "));
        waiting.current = [];
      }, EVERY_MS);
    }
  });
  return (
    <div className="sr-only">
      <div aria-live="polite">{polite}</div>
      <div aria-live="assertive">{urgent}</div>
    </div>
  );
}

function said({ event }: StoredEvent): string[] {
  if (event.type === "agent.finished") {
    return [`${agentTitle(event.agent)} ${event.success ? "finished" : "failed"}`];
  }
  if (event.type === "test" && event.result.status === "failed") {
    return [
      `${event.result.name} failed, ${event.result.tests_failed || event.result.findings.length} findings`,
    ];
  }
  return [];
}

function notify(prompt: string): void {
  if (!preferences().notifications || !document.hidden || typeof Notification === "undefined") return;
  if (Notification.permission === "granted") new Notification("Autonomy asks", { body: prompt, tag: prompt });
}
