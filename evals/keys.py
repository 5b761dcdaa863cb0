"""What a result is known by: everything that it depends on, so that the very same need not be done twice."""

import hashlib
import json

from core.identity import render_identity
from core.types import AgentName
from evals.arms import Arm
from evals.datasets import EvalTask


async def result_key(arm: Arm, task: EvalTask, *, first_round_only: bool, reviewed: bool = False) -> str:
    """Of the task, of models, prompts, toolchains and release, and of what every agent that works is told that it is."""
    alone = task.agent if task.tier < 3 else None
    working = [agent for agent in AgentName if alone in (None, agent) or (reviewed and agent is AgentName.REVIEWER)]
    told = {agent: render_identity(await arm.identities.load(agent)) for agent in working}
    known = [arm.fingerprint, task.model_dump(mode="json"), told, first_round_only, reviewed]
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def suite_digest(tasks: tuple[EvalTask, ...]) -> str:
    return hashlib.sha256(json.dumps([task.model_dump(mode="json") for task in tasks]).encode()).hexdigest()[:16]
