import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { renderRouted } from "@/testing/routed";
import type { Review } from "./derive";
import { Findings } from "./findings";

const REVIEWS: Review[] = [
  {
    iteration: 0,
    scores: { security: 4, performance: 8, quality: 7 },
    summary: "",
    findings: [
      {
        finding: {
          check: "review",
          severity: "critical",
          message: "injection",
          category: "A03",
          evidence: "",
        },
        resolved: true,
        since: 0,
      },
    ],
  },
  {
    iteration: 1,
    scores: { security: 9, performance: 8, quality: 7 },
    summary: "",
    findings: [
      {
        finding: { check: "review", severity: "low", message: "a name", category: "quality", evidence: "" },
        resolved: false,
        since: 1,
      },
    ],
  },
];

it("narrows the findings to the open ones, and to one round", async () => {
  const onIteration = vi.fn();
  await renderRouted(
    <Findings
      taskId="t"
      reviews={REVIEWS}
      iteration={null}
      commitOf={() => undefined}
      onIteration={onIteration}
    />,
  );
  expect(screen.getByText("injection")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Open 1" }));
  expect(screen.queryByText("injection")).not.toBeInTheDocument();
  expect(screen.getByText("a name")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Round 1" }));
  expect(onIteration).toHaveBeenCalledWith(0);
});
