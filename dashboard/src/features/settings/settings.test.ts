import { describe, expect, it } from "vitest";
import type { ApiKey } from "@/api/types";
import { actWords } from "./audit-words";
import { EMPTY, errorsOf, requestOf } from "./key-draft";
import { keyState, limitWords } from "./key-state";
import { hint } from "./notifications";
import { priceWords } from "./prices";
import { room, sandboxFacts } from "./sandbox-facts";
import { grouped, matching, type Setting, valueWords } from "./setting-values";
import { who } from "./whoami";

function setting(part: Partial<Setting>): Setting {
  return {
    name: "API_PORT",
    value: 8000,
    source: "default",
    secret: false,
    is_set: true,
    group: "Service",
    description: "the port",
    ...part,
  };
}

describe("a setting's value", () => {
  it("is never read of a secret: only whether it is set", () => {
    expect(valueWords(setting({ secret: true, is_set: true, value: "sk-123" }))).toBe("set");
    expect(valueWords(setting({ secret: true, is_set: false, value: null }))).toBe("not set");
  });

  it("reads as people would write it", () => {
    expect(valueWords(setting({ value: ["a", "b"] }))).toBe("a, b");
    expect(valueWords(setting({ value: [] }))).toBe("none");
    expect(valueWords(setting({ value: {} }))).toBe("none");
    expect(valueWords(setting({ value: { a: 1 } }))).toBe('{"a":1}');
    expect(valueWords(setting({ value: "" }))).toBe("not set");
    expect(valueWords(setting({ value: 0 }))).toBe("0");
    expect(valueWords(setting({ value: false }))).toBe("false");
  });
});

describe("the list of settings", () => {
  const all = [
    setting({}),
    setting({ name: "CODE_HOST", group: "Code host", source: "file", value: "github" }),
    setting({ name: "DATA_DIR", source: "environment" }),
  ];

  it("is narrowed by words in any part, all of which have to be there", () => {
    expect(matching(all, "host github", false).map(({ name }) => name)).toEqual(["CODE_HOST"]);
    expect(matching(all, "host gitlab", false)).toEqual([]);
  });

  it("is narrowed to those that somebody set", () => {
    expect(matching(all, "", true).map(({ name }) => name)).toEqual(["CODE_HOST", "DATA_DIR"]);
  });

  it("stands in groups in the service's order", () => {
    expect(grouped(all).map(([group, members]) => [group, members.length])).toEqual([
      ["Service", 2],
      ["Code host", 1],
    ]);
  });
});

describe("a key", () => {
  const key: ApiKey = { key_id: "1", name: "ada", role: "viewer", created_at: 1, created_by: "", limits: {} };

  it("is active until it is revoked or its time is over", () => {
    expect(keyState(key, 100)).toBe("active");
    expect(keyState({ ...key, expires_at: 100 }, 99)).toBe("active");
    expect(keyState({ ...key, expires_at: 100 }, 100)).toBe("expired");
    expect(keyState({ ...key, expires_at: 100, revoked_at: 50 }, 200)).toBe("revoked");
  });

  it("says its limits, or that it has none", () => {
    expect(limitWords({})).toBe("none of its own");
    expect(limitWords({ active_tasks: 1, daily_budget_usd: 2 })).toBe("1 task at once, $2.00 a day");
  });

  it("is asked for without limits where fields are empty", () => {
    expect(requestOf({ ...EMPTY, name: " ada ", tasks: "3" })).toEqual({
      name: "ada",
      role: "operator",
      expires_days: null,
      limits: { requests_per_minute: null, active_tasks: 3, daily_budget_usd: null },
    });
  });

  it("has the service's complaints beside the fields that they are about", () => {
    const errors = [
      { field: "name", message: "bad" },
      { field: "limits.active_tasks", message: "too few" },
      { field: "else", message: "?" },
    ];
    expect(errorsOf(errors)).toEqual({ name: "bad", tasks: "too few" });
  });
});

describe("who somebody is", () => {
  it("is everyone where no key is asked for", () => {
    expect(who({ role: "admin", key_id: null, name: "", limits: {} }, false)).toMatch(
      /whoever reaches this service/,
    );
  });

  it("is the holder of the service's own key, or of a key with a name", () => {
    expect(who({ role: "admin", key_id: null, name: "", limits: {} }, true)).toMatch(/API_KEY/);
    expect(who({ role: "viewer", key_id: "1", name: "ada", limits: {} }, true)).toBe(
      "You use the key ada: role viewer, limits: none of its own.",
    );
  });
});

describe("small words", () => {
  it("tell what was done by its address where there is one", () => {
    expect(actWords({ action: "DELETE /keys/{key_id}", target: "/keys/a1" })).toBe("DELETE /keys/a1");
    expect(actWords({ action: "decide", target: "t1" })).toBe("decide t1");
    expect(actWords({ action: "start", target: "" })).toBe("start");
  });

  it("call a price unknown rather than free", () => {
    expect(priceWords(null)).toBe("unknown");
    expect(priceWords({ input: 0, output: 0, per_call: 0 })).toBe("free");
    expect(priceWords({ input: 3, output: 15, per_call: 0 })).toBe("$3 in, $15 out");
    expect(priceWords({ input: 1, output: 2, per_call: 0.01 })).toBe("$1 in, $2 out; $0.01 a call");
  });

  it("read a sandbox only where the service tells of one", () => {
    expect(sandboxFacts(null)).toBeNull();
    expect(sandboxFacts({ backend: "bwrap", ok: true, enforced: ["network", 3] })).toMatchObject({
      ok: true,
      enforced: ["network"],
    });
    expect(room(71_054)).toBe("71 GB");
    expect(room(812)).toBe("812 MB");
  });

  it("say why notices cannot be switched on", () => {
    expect(hint("denied", false)).toMatch(/told not to/);
    expect(hint("unsupported", false)).toMatch(/https/);
  });
});
