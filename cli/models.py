"""`autonomy models`: which model each agent has and why, what it costs, whether its key is there, and whether it answers."""

from collections.abc import Iterator

from client.base import Json
from client.insight import ModelCheck, ModelChecks, ModelFacts, ModelSetup, Price

_KEYS = {
    "set": "key {} is set",
    "missing": "key {} is NOT set",
    "not needed": "no key needed",
    "unknown": "its key, if it needs one, is for its provider's own setting",
}
_UNKNOWN_PRICE = {
    "ask": "a task asks before its first call, and reckons with {} once you have raised its budget",
    "deny": "calls are refused (UNKNOWN_PRICE=deny)",
    "upper_bound": "calls are reckoned at {}",
}


def document(setup: ModelSetup, checks: ModelChecks | None) -> dict[str, Json]:
    """What `--json` prints."""
    shown: dict[str, Json] = setup.model_dump(mode="json")
    return shown if checks is None else {**shown, "checks": checks.model_dump(mode="json")}


def describe_setup(setup: ModelSetup) -> Iterator[str]:
    """A line per agent, then one per model."""
    width = max(len(entry.model) for entry in setup.agents)
    for entry in setup.agents:
        parameters = f"; parameters {_pairs(entry.parameters)}" if entry.parameters else ""
        fallback = f"; then {entry.fallback}" if entry.fallback else ""
        yield f"{entry.agent:<15} {entry.model:<{width}}  {entry.source}{fallback}{parameters}"
    yield ""
    for facts in setup.models:
        key = _KEYS[facts.key].format(facts.key_variable)
        yield f"{facts.model}: {describe_price(facts, setup)}; {key}"


def describe_price(facts: ModelFacts, setup: ModelSetup) -> str:
    """The list price, or what becomes of a call without one."""
    if facts.price is None:
        return f"price unknown: {_UNKNOWN_PRICE[setup.unknown_price].format(_rates(setup.dearest))}"
    return _rates(facts.price)


def describe_checks(checks: ModelChecks, where: str) -> Iterator[str]:
    """A line per model, and what all of them cost."""
    yield ""
    yield from map(_describe_check, checks.checks)
    yield f"checked by {where}: ${checks.cost_usd:.6f} of at most ${checks.cap_usd:.2f}"


def _describe_check(check: ModelCheck) -> str:
    cost = f", ${check.cost_usd:.6f}" if check.cost_usd else ""
    return f"{'ok' if check.ok else 'FAILED':<7} {check.model}: {check.detail} ({check.seconds:.1f} s{cost})"


def _rates(price: Price) -> str:
    if price.input == price.output == price.per_call == 0:
        return "free"
    per_call = f", ${price.per_call:g} for each call" if price.per_call else ""
    return f"${price.input:g} in, ${price.output:g} out per million tokens{per_call}"


def _pairs(parameters: dict[str, Json]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
