"""Plans of the example sentences."""

from config import PROJECT
from core.plan import Plan
from llm.offline.planning import plan_sentence

SENTENCES = tuple((PROJECT / "examples" / "sentences.txt").read_text().splitlines())


def plan_of(sentence: str) -> Plan:
    made = plan_sentence(sentence)
    assert isinstance(made, Plan), made
    return made
