/** Events and the network as tests make them. */

import { vi } from "vitest";
import type { StoredEvent, Task, TaskEvent } from "@/api/types";

export function stored(seq: number, event: TaskEvent, more: Partial<StoredEvent> = {}): StoredEvent {
  return { position: seq, seq, task_id: "t1", ts: 1_000 + seq, event, ...more };
}

export function notice(text: string, level: "info" | "warning" | "error" = "info"): TaskEvent {
  return { type: "notice", level, text };
}

export function upsert(status: Task["status"]): TaskEvent {
  return {
    type: "task.upsert",
    status,
    current_agent: null,
    iteration: 0,
    total_cost_usd: 0,
    error: null,
    pr_url: null,
    output_path: null,
  };
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

/** Answers in the network's place; the requests that were made are returned. */
export function serve(answer: (url: URL, request: Request) => Response | Promise<Response>): Request[] {
  const made: Request[] = [];
  vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    made.push(request);
    return Promise.resolve(answer(new URL(request.url), request));
  });
  return made;
}

export function task(part: Partial<Task>): Task {
  return {
    task_id: "t1",
    task_description: "a list of books",
    workflow: "build",
    status: "running",
    caller: "local",
    current_agent: null,
    pipeline: [],
    iteration: 0,
    max_iterations: 3,
    use_sandbox: true,
    pr_url: null,
    demo_url: null,
    needs_human_input: false,
    human_input_prompt: null,
    interrupt_id: null,
    budget_usd: 0.5,
    total_cost_usd: 0,
    total_tokens: 0,
    output_path: null,
    error: null,
    created_at: 1_000,
    updated_at: 1_000,
    ...part,
  };
}
