import { expect, test } from "vitest";
import { httpUrl, requestName } from "./links";

test("only web addresses without a password become links", () => {
  expect(httpUrl("https://github.com/a/b/pull/3")).toBe("https://github.com/a/b/pull/3");
  expect(httpUrl("http://127.0.0.1:9000")).toBe("http://127.0.0.1:9000/");
  for (const bad of [
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://u:p@host/",
    "nonsense",
    "",
    null,
  ]) {
    expect(httpUrl(bad)).toBeNull();
  }
});

test("a pull request is named by its number on every host", () => {
  expect(requestName("https://github.com/a/b/pull/12")).toBe("#12");
  expect(requestName("https://gitlab.com/a/b/-/merge_requests/7")).toBe("#7");
  expect(requestName("https://example.com/x")).toBe("PR");
});
