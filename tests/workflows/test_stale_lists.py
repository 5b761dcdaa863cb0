"""The cache of a generated frontend: nothing that was asked for before a change is shown behind it."""

import json
from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.standard.document import openapi
from tests.generated import frontend_files
from tests.plans import blog_plan
from tests.workflows.checking import local_sandbox
from tools.boxes import Subject
from tools.checks import frontend

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
TEST = """
import { MutationObserver, QueryObserver } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";
import { createQueryClient } from "./api/queryClient";

it("reads anew what is still on its way when a row is deleted", async () => {
  const client = createQueryClient();
  let rows = ["a row"];
  let answer = () => {};
  const slow = new Promise<void>((resolve) => (answer = resolve));
  let reads = 0;
  const queryFn = async () => {
    const seen = rows;
    reads += 1;
    if (reads === 1) await slow;
    return seen;
  };
  const list = new QueryObserver(client, { queryKey: ["rows"], queryFn });
  const stop = list.subscribe(() => {});
  const deleted = new MutationObserver(client, {
    mutationFn: async () => {
      rows = [];
    },
  }).mutate();
  setTimeout(answer, 50);
  await deleted;
  await vi.waitFor(() => expect(list.getCurrentResult().data).toEqual([]), { timeout: 15_000 });
  expect(reads).toBe(2);
  stop();
});
"""


async def test_a_list_that_was_asked_for_before_a_deletion_is_asked_for_again(tmp_path: Path) -> None:
    plan = blog_plan()
    contract = openapi(plan)
    files = {
        **frontend_files(plan),
        "frontend/src/stale.test.ts": TEST,
        "contract/openapi.json": json.dumps(contract),
    }
    async with local_sandbox(tmp_path) as sandbox:
        units = await frontend.check_units(Subject(sandbox, "frontend", plan, contract, files), files)
    assert [finding.message for finding in units.findings] == []
    assert (units.status, units.tests_run) == (CheckStatus.PASSED, 1)
