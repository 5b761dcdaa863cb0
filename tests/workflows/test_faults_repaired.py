"""Each mistake that the offline model can be asked for, in whole builds: found, sent back to its owner, repaired.

Mistakes that are told apart by what finds them are made in one build. `make proof` makes each of them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.proof import MODEL_SETTING, fault_sentence
from core.events import CheckFinished, Event, LlmStart, Routed
from core.tasks import InterruptKind, Task
from core.types import AgentName, TaskStatus
from llm.offline.faults import FAULTS
from tests.workflows.house import open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(600)]
LIMIT_S = 500.0
FOUND_BY_ITS_MAKER = {"typescript_error", "root_image", "unwatched_image", "moving_base"}
"""What an agent's own check sees before anybody else does: it is told, and writes the file again in the same turn."""
TOGETHER: tuple[Mapping[str, set[str]], ...] = (
    {"broken_import": {"imports"}, "secret_in_code": {"ruff"}, "wrong_total": {"pytest"}},
    {"failing_migration": {"migrations"}, "sql_by_string": {"ruff"}, "ignored_sort": {"behaviour"}},
    {"renamed_field": {"contract"}, "wrong_status_code": {"contract", "behaviour"}},
    {
        "missing_404": {"pytest"}, "lost_filter": {"behaviour", "pytest"}, "unbounded_list": {"behaviour", "pytest"},
        "boundless_page": {"behaviour", "pytest"},
    },
    {
        "wrong_default": {"pytest"}, "missing_validation": {"pytest"}, "n_plus_one": {"queries", "pytest"},
        "missing_authorization": {"behaviour"},
    },
    {
        "forgotten_rule": {"pytest"}, "broken_test": {"pytest"}, "wrong_refusal": {"pytest"},
        "unchecked_reference": {"behaviour"},
    },
    {
        "unlabelled_field": {"vitest"}, "forgotten_index": {"migrations"}, "lost_column": {"migrations"},
        "nullable_column": {"migrations"}, "missing_unique": {"migrations"}, "half_downgrade": {"migrations"},
        "unknown_fields": {"behaviour"}, "root_image": set(), "unwatched_image": set(), "moving_base": set(),
    },
    {
        "unsaid_error": {"vitest"}, "delete_unasked": {"vitest"}, "whole_row_sent": {"vitest"}, "html_injection": {"review"},
        "open_origins": {"pytest"}, "typescript_error": set(),
    },
)  # fmt: skip
"""Per build the mistakes, and for each of them the checks that are to find it."""
CASES = [
    pytest.param(
        found_by, id="+".join(found_by),
        marks=pytest.mark.browser if any(FAULTS[name].agent is AgentName.FRONTEND for name in found_by) else (),
    )
    for found_by in TOGETHER
]  # fmt: skip


@dataclass(frozen=True)
class Built:
    task: Task
    events: list[Event]

    @property
    def routed(self) -> list[Routed]:
        return [event for event in self.events if isinstance(event, Routed)]


async def build(names: Mapping[str, object], data: Path) -> Built:
    """The build of a sentence that has a place for all of them: that of the first, which is the choosiest."""
    models: dict[str, str] = {}
    for name in names:
        setting = MODEL_SETTING[FAULTS[name].agent]
        models[setting] = f"{models[setting]},{name}" if setting in models else f"offline/scaffold?fault={name}"
    async with open_house(data, **models) as house:
        submitted = await house.submit(fault_sentence(next(iter(names))))
        task = await house.settled(submitted.task_id, limit_s=LIMIT_S)
        asked = await house.question(task.task_id)
        assert asked.kind is InterruptKind.APPROVAL, asked.prompt
        await house.decide(asked, "approve")
        task = await house.settled(task.task_id, segment=task.segment + 1)
        return Built(task, [stored.event for stored in await house.events(task.task_id)])


def test_every_mistake_is_made_in_one_build() -> None:
    assert sorted(name for found_by in TOGETHER for name in found_by) == sorted(FAULTS)


@pytest.mark.parametrize("found_by", CASES)
async def test_a_mistake_is_found_goes_back_to_who_made_it_and_is_repaired(
    found_by: Mapping[str, set[str]], tmp_path: Path
) -> None:
    built = await build(found_by, tmp_path / "data")
    asked = {event.prompt_name for event in built.events if isinstance(event, LlmStart)}
    assert {f"{FAULTS[name].agent}/fix" for name in found_by} <= asked
    assert (built.task.status, len(built.routed)) == (TaskStatus.COMPLETED, built.task.iteration)
    assert len(built.routed) <= 2, "what hides others comes first, and what the reviewer finds comes last"
    to = {agent for event in built.routed for agent in event.to}
    assert to == {FAULTS[name].agent for name in found_by if name not in FOUND_BY_ITS_MAKER}
    findings = [finding for event in built.routed for finding in event.findings]
    for name, checks in found_by.items():
        naming = [finding for finding in findings if FAULTS[name].named_by([finding])]
        assert checks <= {finding.check for finding in naming if finding.owner is FAULTS[name].agent}, name
    last = {event.result.name: event.result.status.value for event in built.events if isinstance(event, CheckFinished)}
    assert set(last.values()) <= {"passed", "not executed"}
