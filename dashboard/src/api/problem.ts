/** Why a call failed, as the service said it (problem+json) or as the network did. */

export interface FieldError {
  field: string;
  message: string;
}

export interface Winner {
  via?: string | null;
  by?: string | null;
  decided_at?: number | null;
  action?: string;
}

export class Problem extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly requestId = "",
    readonly errors: FieldError[] = [],
    readonly fields: Record<string, unknown> = {},
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** Who answered first, where two answered one question. */
  get winner(): Winner | null {
    const winner = this.fields.winner;
    return winner !== null && typeof winner === "object" ? (winner as Winner) : null;
  }

  /** Whether the same call may well succeed a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** What `response` says went wrong. Never throws: an answer that is no problem document is quoted. */
export async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get("X-Request-ID") ?? "";
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    if (typeof body.detail === "string") {
      const errors = Array.isArray(body.errors) ? (body.errors as FieldError[]) : [];
      return new Problem(response.status, String(body.title ?? ""), body.detail, requestId, errors, body);
    }
  } catch {
    // Not JSON: a proxy in between, or a page of something else.
  }
  const detail = text.trim().slice(0, 300) || response.statusText || "no reason was given";
  return new Problem(response.status, "Unexpected answer", detail, requestId);
}

/** Any failure as a Problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new Problem(0, "No answer", "the service did not answer in time");
  }
  if (error instanceof TypeError) {
    return new Problem(0, "Not reached", "the service could not be reached");
  }
  return new Problem(0, "Error in this page", error instanceof Error ? error.message : String(error));
}
