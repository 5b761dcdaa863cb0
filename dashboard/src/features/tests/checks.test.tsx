import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { renderRouted } from "@/testing/routed";
import { Checks } from "./checks";
import type { Round } from "./derive";

const ROUND: Round = {
  iteration: 0,
  passed: false,
  seconds: 3,
  tests_run: 12,
  tests_failed: 2,
  flaky: ["pytest"],
  checks: [
    {
      name: "build",
      status: "passed",
      detail: "3 files",
      findings: [],
      seconds: 1,
      tests_run: 0,
      tests_failed: 0,
    },
    {
      name: "pytest",
      status: "failed",
      detail: "2 failed",
      seconds: 2,
      tests_run: 12,
      tests_failed: 2,
      findings: [
        {
          check: "pytest",
          severity: "low",
          message: "a small one",
          category: "",
          evidence: "",
        },
        {
          check: "pytest",
          severity: "high",
          message: "assert 1 == 2 <b>\u001b[31mred\u001b[0m</b>",
          category: "",
          evidence: "Traceback\n  line 3",
          file: "backend/app/main.py",
          line: 7,
          owner: "backend_agent",
        },
      ],
    },
  ],
};

it("shows what failed first, with its findings worst first and their place as a link to the file", async () => {
  await renderRouted(<Checks taskId="t1" round={ROUND} commit="abcdef1" />);
  const names = screen.getAllByRole("heading", { level: 3 }).map((each) => each.textContent);
  expect(names).toEqual(["pytest", "build"]);
  const findings = screen.getByRole("list", { name: "Findings of pytest" });
  expect(within(findings).getAllByRole("listitem")[0]).toHaveTextContent("High");
  const link = within(findings).getByRole("link", { name: /main\.py:7/ });
  expect(link.getAttribute("href")).toContain("/ui/tasks/t1/files?path=backend%2Fapp%2Fmain.py&ref=abcdef1");
  expect(link.getAttribute("href")).toMatch(/layout=text#L7$/);
});

it("shows what programs said as text, without terminal sequences, and says which check is flaky", async () => {
  await renderRouted(<Checks taskId="t1" round={ROUND} />);
  expect(screen.getByText("assert 1 == 2 <b>red</b>")).toBeInTheDocument();
  expect(screen.getByRole("region", { name: "Evidence" })).toHaveTextContent("Traceback line 3");
  expect(screen.getByText("flaky")).toBeInTheDocument();
  expect(screen.getByText("2 of 12 tests failed · 2 s")).toBeInTheDocument();
});
