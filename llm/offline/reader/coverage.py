"""Says in words what of a sentence was read and what was not; nothing is dropped silently."""

from llm.offline.reader.ask_model import Asks
from llm.offline.reader.draft import Draft, Thing
from llm.offline.reader.features import Feature
from llm.offline.reader.text import Sentence, Token


def covered(
    sentence: Sentence, features: list[Feature], draft: Draft, asks: Asks, *, auth: bool, frontend: str
) -> tuple[str, ...]:
    """Things with their stated fields, links, phrases, then what was inferred (marked so)."""
    said = [_thing(thing) for thing in draft.things.values()]
    for link in draft.links:
        verb = "have many" if link.many else "belong to"
        target = draft.things[link.parent].plural if link.many else f"one {link.parent}"
        child = draft.things[link.child].plural
        said.append(f"{child} {verb} {target}" + ("" if link.stated else " (inferred)"))
    unmet = " ".join(asks.unmet)
    said += [feature.phrase for feature in features if feature.kind != "unsupported" and feature.phrase not in unmet]
    said += [f"{line} (inferred)" for line in draft.inferred]
    if auth and not any(feature.kind in ("auth", "own_rows") for feature in features):
        said.append("people sign in, because the sentence tells users apart (inferred)")
    said += [rule.statement for rule in asks.rules]
    if draft.audience and not draft.find(draft.audience):
        said.append(f"for {draft.audience}")
    if frontend:
        said.append(frontend)
    return tuple(dict.fromkeys(said))


def _thing(thing: Thing) -> str:
    stated = [field.name.replace("_", " ") for field in thing.fields if field.stated]
    origin = "" if thing.source in ("listed", "head") else " (inferred)"
    return f"{thing.plural} with {', '.join(stated)}{origin}" if stated else f"{thing.plural}{origin}"


def not_covered(sentence: Sentence, features: list[Feature], asks: Asks) -> tuple[str, ...]:
    """Unsupported demands with the reason, asks that found nothing to apply to, and words that no rule read."""
    left = [f"{feature.phrase}: {feature.note}" for feature in features if feature.kind == "unsupported"]
    left += [
        f"{phrase}: it is not clear what it applies to" if "(" not in phrase else _explained(phrase)
        for phrase in asks.unmet
    ]
    left += [f"{text}: not understood" for text in _unread(sentence)]
    return tuple(dict.fromkeys(left))


def _explained(phrase: str) -> str:
    """`phrase (reason)` as `phrase: reason`."""
    said, _, reason = phrase.partition(" (")
    return f"{said}: {reason.rstrip(')') or 'it is not clear what it applies to'}"


def _unread(sentence: Sentence) -> list[str]:
    """Runs of words that nothing took."""
    runs: list[list[Token]] = [[]]
    for token in sentence.tokens:
        if token.reading is None and (token.is_word or token.word[:1].isdigit()):
            runs[-1].append(token)
        elif runs[-1] and (token.reading is not None or token.word in ".;!?"):
            runs.append([])
    return [sentence.text[run[0].start : run[-1].end] for run in runs if run]
