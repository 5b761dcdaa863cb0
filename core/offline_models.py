"""Names of the models that answer in this process, and what may stand behind them."""

import math
from dataclasses import dataclass
from urllib.parse import parse_qs

PREFIX = "offline/"
SCAFFOLD = "offline/scaffold"
APPRENTICE = "offline/apprentice"
DEFAULT_RATE = 0.1
_MAX_DIGITS = 18


@dataclass(frozen=True)
class ApprenticeOptions:
    """What `offline/apprentice?seed=1&rate=0.2` asks for: how mistakes are drawn, and how likely each is."""

    seed: int = 0
    rate: float = DEFAULT_RATE


def fault_in_offline_name(model: str) -> str:
    """What keeps `model` from being one of them; empty when nothing does."""
    name, _, query = model.partition("?")
    if name == SCAFFOLD:
        return ""
    if name != APPRENTICE:
        return f"the offline models are {SCAFFOLD} and {APPRENTICE}"
    try:
        _read(query)
    except ValueError as error:
        return str(error)
    return ""


def apprentice_options(model: str) -> ApprenticeOptions | None:
    """The options of an apprentice; None for another model. Raises ValueError, which names the option and its limits."""
    name, _, query = model.partition("?")
    return _read(query) if name == APPRENTICE else None


def _read(query: str) -> ApprenticeOptions:
    given = parse_qs(query, keep_blank_values=True)
    seed, rate = given.get("seed", ["0"])[-1], given.get("rate", [str(DEFAULT_RATE)])[-1]
    if not seed.removeprefix("-").isascii() or not seed.removeprefix("-").isdigit() or len(seed) > _MAX_DIGITS:
        raise ValueError(f"seed must be a whole number of at most {_MAX_DIGITS} characters, got {seed[:40]!r}")
    try:
        share = float(rate)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise ValueError(f"rate must be a number from 0 to 1, got {rate[:40]!r}")
    if "fault" in given:
        raise ValueError(f"fault is an option of {SCAFFOLD}; an apprentice draws its mistakes")
    return ApprenticeOptions(int(seed), share)
