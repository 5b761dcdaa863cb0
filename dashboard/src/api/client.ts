/** The typed client of the service: paths, bodies and answers are those of its OpenAPI document. */

import createClient, { type Middleware } from "openapi-fetch";
import { noteServerTime } from "@/lib/clock";
import { gate } from "./gate";
import { apiKey } from "./key";
import { asProblem, Problem, problemOf } from "./problem";
import type { paths } from "./schema";

export const TIMEOUT_MS = 20_000;

export function headers(): Record<string, string> {
  const key = apiKey();
  return { "X-Client": "dashboard", ...(key === null ? {} : { "X-API-Key": key }) };
}

const identify: Middleware = {
  async onRequest({ request }) {
    if (request.method === "GET") await gate.passed();
    for (const [name, value] of Object.entries(headers())) request.headers.set(name, value);
  },
  async onResponse({ response }) {
    noteServerTime(response.headers.get("Date"));
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error }) {
    return asProblem(error);
  },
};

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request: Request) => fetch(new Request(request, { signal: withTimeout(request.signal) })),
});
api.use(identify);

/** For `fetch` of a call whose answer comes when something is done: a demo that has to start first. */
export const LONG_MS = 180_000;
export function slowly(request: Request): Promise<Response> {
  return fetch(new Request(request, { signal: AbortSignal.timeout(LONG_MS) }));
}

function withTimeout(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
}

/** The body of an answer; throws a Problem when there is none. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await call;
  if (error !== undefined) throw asProblem(error);
  if (data === undefined) throw new Problem(0, "Unexpected answer", "the answer was empty");
  return data;
}

/** As `answer`, of a call whose answer is text. */
export async function textAnswer(
  path: string,
  query: Record<string, string | null | undefined> = {},
): Promise<string> {
  const response = await raw(path, query);
  return response.text();
}

/** Save what is at `path` as a file, with the key in the header rather than in the address. */
export async function download(
  path: string,
  name: string,
  query: Record<string, string | null | undefined> = {},
): Promise<void> {
  const response = await raw(path, query, false);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function raw(
  path: string,
  query: Record<string, string | null | undefined>,
  timed = true,
): Promise<Response> {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  try {
    const response = await fetch(url, {
      headers: headers(),
      signal: timed ? AbortSignal.timeout(TIMEOUT_MS) : undefined,
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  } catch (error) {
    throw asProblem(error);
  }
}

/** A new key for one act of a person: repeated under it, the act is one act. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
