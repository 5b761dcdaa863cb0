"""Mistakes of qa_agent in its own tests."""

from core.plan import Plan
from core.types import AgentName
from llm.offline.faults.fault import Fault, Files, fault_of, first, replaced


def _broken_test(files: Files, plan: Plan) -> Files | None:
    """A test expects the status that the contract does not promise."""
    right, wrong = 'api.delete(at(row)).expect(204).text == ""\n', 'api.delete(at(row)).expect(200).text == ""\n'
    return first(plan, lambda entity: replaced(files, f"backend/tests/{entity.test_module}.py", (right, wrong)))


def _wrong_refusal(files: Files, plan: Plan) -> Files | None:
    """A test expects 400 of a body that lacks a field, where the contract says 422."""
    right, wrong = (
        "api.post(PATH, body).expect(422)\n    assert field",
        "api.post(PATH, body).expect(400)\n    assert field",
    )
    return first(plan, lambda entity: replaced(files, f"backend/tests/{entity.test_module}.py", (right, wrong)))


FAULTS: tuple[Fault, ...] = (
    fault_of(AgentName.QA, _broken_test, r"expects 200|instead of 200|204 == 200"),
    fault_of(AgentName.QA, _wrong_refusal, r"expects 400|instead of 400|422 == 400"),
)
"""In the order in which they are made."""
