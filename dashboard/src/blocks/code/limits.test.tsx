import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { CodeView, DiffView } from ".";
import { languageOf } from "./languages";
import { beginning, whyPlain } from "./limits";

it("shows usual files in the viewer, and says why others are shown plainly", () => {
  expect(whyPlain("a\n".repeat(1_000))).toBeNull();
  expect(whyPlain(`short\n${"x".repeat(30_000)}\nshort`)).toContain("longer than 20,000");
  expect(whyPlain("a\n".repeat(600_000))).toContain("larger than 1 MB");
});

it("cuts a text that is too large and says how much is left out", () => {
  expect(beginning("x".repeat(150_000))).toMatchObject({ left: 50_000 });
  render(<CodeView path="a.txt" text={"x".repeat(150_000)} label="Text of a.txt" />);
  expect(screen.getByText(/shown as plain text, without the last 50,000 characters/)).toBeInTheDocument();
  expect(screen.getByRole("region", { name: "Text of a.txt" }).textContent).toHaveLength(100_000);
});

it("shows changes of a text that is too large as the newer text", () => {
  render(
    <DiffView
      path="a.txt"
      before="old"
      after={`${"y".repeat(30_000)}\u202e`}
      labels={{ before: "before", after: "after" }}
      layout="split"
    />,
  );
  expect(screen.getByRole("region", { name: "after" }).textContent).toMatch(/y\u2426$/);
});

it("knows languages by the ending of the name alone", () => {
  expect(languageOf("a/b.PY")).not.toBeNull();
  expect(languageOf("a/page.tsx")).not.toBeNull();
  expect(languageOf("Dockerfile")).toBeNull();
  expect(languageOf("x.constructor")).toBeNull();
});
