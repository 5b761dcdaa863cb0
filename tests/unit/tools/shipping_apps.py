"""Whole applications as the offline model writes them, and faults to plant in what ships them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core.plan import Plan
from core.standard.document import openapi
from core.types import BUILDERS, AgentName
from llm.offline.builders import whole_part


def application(plan: Plan) -> dict[str, str]:
    """Every file but the types of the contract, which are generated; written once for a plan, and given as a copy."""
    return dict(_written(plan.model_dump_json()))


@cache
def _written(plan_json: str) -> Mapping[str, str]:
    plan = Plan.model_validate_json(plan_json)
    writers = [agent for agent in (*BUILDERS, AgentName.QA, AgentName.DEVOPS) if plan.ownership.get(agent)]
    files = {path: text for agent in writers for path, text in whole_part(agent, plan).items()}
    return {**files, "contract/openapi.json": json.dumps(openapi(plan)), "contract/plan.json": plan.model_dump_json()}


@dataclass(frozen=True)
class Planted:
    """`old` becomes `new` once in `path`; the finding is in `found_in` (the same file when empty), and says `says`."""

    path: str
    old: str
    new: str
    says: str
    found_in: str = ""
    line: str = ""
    """Text of the line that is named; any line, or none, when empty."""

    def plant(self, files: Mapping[str, str]) -> dict[str, str]:
        assert self.old in files[self.path], f"{self.path} does not hold {self.old!r}"
        return {**files, self.path: files[self.path].replace(self.old, self.new, 1)}
