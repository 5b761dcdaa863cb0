"""Reads a wish about a finished application as changes of its plan; what it cannot do it says."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.plan import Plan
from llm.offline import plan_edits as edit
from llm.offline.plan_edits import Edited
from llm.offline.reader.draft import singular_of
from llm.offline.reader.inflection import is_plural
from llm.offline.reader.lexicon import field_kind, things

CAN = (
    "The offline model can add, remove and rename fields, make them optional, required or unique, bound numbers, add search, filters, "
    "sorting and CSV export, change page sizes, require sign-in, and add things."
)  # fmt: skip
_F = r"(?P<field>[a-z][a-z0-9 _-]*?)"
_E = r"(?:(?:the )?(?P<entity>[a-z][a-z -]*?))"
_END = r"(?: please| too| as well| instead| then| now)*$"
_OF = rf"(?: (?:field|column|property|attribute))?(?: (?:of|on|in|from|for|to) (?:the |a |an |each |every |all )?{_E})?"


@dataclass(frozen=True)
class Change:
    """`plan` is None when nothing could be done; `said` tells what was done, `cannot` what was not, both for people."""

    plan: Plan | None
    said: str = ""
    cannot: str = ""


def amend(plan: Plan, wish: str) -> Change:
    """Apply every part of a wish that can be read."""
    changed, done, failed = plan, list[str](), list[str]()
    for part in _parts(wish):
        result = _apply(changed, part)
        if isinstance(result, Plan):
            changed = result
            done.append(part)
        else:
            failed.append(result)
    cannot = " ".join(failed)
    if changed == plan:
        return Change(None, cannot=cannot or f'"{wish.strip()[:200]}" names no change. {CAN}')
    covered = (*plan.covered, *(f"changed on request: {part}" for part in done))
    changed = changed.model_copy(update={"covered": covered})
    return Change(changed, said=f"Changed: {'; '.join(done)}.", cannot=cannot)


def _parts(wish: str) -> list[str]:
    """Single wishes: sentences, and clauses joined by `and` or a comma in front of a verb; praise is left out."""
    text = " ".join(wish.lower().replace("’", "'").split())
    verbs = r"(?:add|remove|delete|drop|rename|make|sort|filter|search|require|limit|show|use|export|let|allow|users|it |the |please|also|change|set|call)"
    pieces = re.split(
        rf"[.;!\n]+|\bbut\b|,\s*(?:and\s+|then\s+)?(?={verbs})|\band (?:also |then |please )?(?={verbs})", text
    )
    found = [re.sub(_LEAD, "", piece.strip(" ,?")).strip(" ,?\"'") for piece in pieces if piece]
    return [piece for piece in found if len(piece) > 2 and not re.fullmatch(_PRAISE, piece)]


_LEAD = (
    r"^(?:(?:please|also|and|then|so|but|ok|okay|yes|no|hi|hello|well|now|just|almost there|ship it|looks (?:good|great)|lgtm|great|nice|approved|i (?:would|'d) (?:like|love|want)(?: to (?:have|see))?|i'd (?:like|love)(?: to (?:have|see))?|"
    r"i want(?: to (?:have|see))?|we (?:need|want)|i need|(?:can|could|would) you(?: please)?|it would be (?:great|nice|good|better) if|after you|once you|don't ship it yet|not approved|wait|there should be|it should have|it needs|let's)[ ,:]+)+"
)  # fmt: skip
_PRAISE = r"(?:(?:it |this |that |everything )?(?:looks?|is|works?|seems?) .{0,20}|ship it.*|lgtm.*|great.{0,12}|nice.{0,12}|thanks?.{0,20}|thank you.*|don't ship.*|not (?:approved|yet).*|no|yes|ok|okay|please|otherwise .{0,25})"


def _apply(plan: Plan, part: str) -> Edited:
    problem = ""
    for pattern, change in _RULES:
        match = pattern.match(part)
        if match:
            result = change(plan, match)
            if isinstance(result, Plan):
                return result
            problem = problem or result
    return problem or f'"{part[:200]}" is not a change that could be read. {CAN}'


def _words(match: re.Match[str], group: str = "field") -> list[str]:
    return [
        word
        for word in re.split(r"[ _-]+", match[group])
        if word not in ("the", "a", "an", "new", "field", "also", "column")
    ]


def _text(match: re.Match[str], group: str = "field") -> str:
    return " ".join(_words(match, group))


def _entity(match: re.Match[str]) -> str | None:
    value = match.groupdict().get("entity")
    return (
        re.sub(r"^(?:the|a|an|each|every|all) |'s$| (?:list|form|page|table|api|endpoint)s?$", "", value.strip())
        if value
        else None
    )


def _owned(plan: Plan, text: str) -> tuple[str, str | None]:
    """`book's isbn`, `post title`, `title of a post`: the field and the entity."""
    possessive = re.fullmatch(r"(?:the |a |an )?(.+?)'s? (.+)", text)
    if possessive and edit.find_entity(plan, possessive[1]):
        return possessive[2], possessive[1]
    first, _, rest = text.partition(" ")
    if rest and edit.find_entity(plan, first) and edit.find_field(plan, rest, edit.find_entity(plan, first)):
        return rest, first
    return text, None


def _set(change: Callable[..., object]) -> Callable[[Plan, re.Match[str]], Edited]:
    def apply(plan: Plan, match: re.Match[str]) -> Edited:
        words, owner = _owned(plan, re.sub(r"^(?:the|a|an) ", "", match["field"].strip()))
        words = re.sub(r" (?:field|column|property)$", "", words)
        return edit.change_field(plan, words, _entity(match) or owner, change)  # type: ignore[arg-type]  # one of the four field changes of plan_edits

    return apply


def _add(plan: Plan, match: re.Match[str]) -> Edited:
    """A field of something, or a new kind of thing."""
    text, target = _text(match), _entity(match)
    asks_field = re.search(r"\b(?:field|flag|column|checkbox|property|attribute)s?\b", match.group()) is not None
    noun = singular_of(text)
    is_thing = is_plural(text.split(" ")[-1]) and (noun in things() or field_kind(noun.replace(" ", "_")) is None)
    if (is_thing and not asks_field) or " with " in text or "(" in match.group():
        return edit.add_entity(plan, match["field"], target)
    several = [part.strip() for part in re.split(r",| and ", match["field"]) if part.strip()]
    for one in several:
        words = [word for word in re.split(r"[ _-]+", one) if word not in ("the", "a", "an", "new", "field", "another")]
        words = [word for word in words if word not in ("field", "column", "property", "attribute")]
        result = edit.add_field(plan, words, target)
        if isinstance(result, str):
            return result
        plan = result
    return plan


def _have(plan: Plan, match: re.Match[str]) -> Edited:
    if edit.find_entity(plan, _entity(match)) is None:
        return f'There is nothing called "{match["entity"]}".'
    return _add(plan, match)


def _each(change: Callable[[Plan, str, str | None], Edited]) -> Callable[[Plan, re.Match[str]], Edited]:
    """Apply to every field of a list: `sort by price and date`."""

    def apply(plan: Plan, match: re.Match[str]) -> Edited:
        for one in re.split(r",| and | or ", match["field"]):
            words = re.sub(r"^\s*(?:the|their|its) ", "", one.strip())
            if not words:
                continue
            result = change(plan, words, _entity(match))
            if isinstance(result, str):
                return result
            plan = result
        return plan

    return apply


def _size(plan: Plan, match: re.Match[str]) -> Edited:
    number = match.groupdict().get("n")
    entity = match.groupdict().get("entity")
    named = next((word for word in re.findall(r"[a-z]+", entity or "") if edit.find_entity(plan, word)), None)
    return edit.page_size(plan, named, max(1, min(int(number), 100)) if number else None)


def _bounds(plan: Plan, match: re.Match[str]) -> Edited:
    return edit.bounds(plan, _text(match), float(match["low"]), float(match["high"]))


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_MODAL = r"(?:should|must|shall|has to|have to|needs? to|can|may|could|is|are)"
_RULES: tuple[tuple[re.Pattern[str], Callable[[Plan, re.Match[str]], Edited]], ...] = (
    (_p(r"(?:.*\b)?(?P<entity>[a-z ]*?)(?:\b(?:returns?|shows?|lists?|gives?|displays?|answers?|is|are|has|have|contains?)) (?:far |way |much )?too (?:many|long|big|large|much)\b.*"), _size),
    (_p(r"(?:limit|cap|restrict|reduce|shorten|show|use|display|return|list|set|change|make|give)\b(?P<entity>[^0-9]*?)(?:(?:to|at|of|by|only|at most|default|with)\s*)*(?P<n>\d+)\b(?: (?:results?|items?|rows?|entries|records|posts?|[a-z]+))?(?: (?:per|a|on each|on a|by) page| at a time| by default| instead of \d+.*| at most| results?)*" + _END), _size),
    (_p(r"(?P<entity>[^0-9]*?)(?P<n>\d+) (?:results?|items?|rows?|entries|records|[a-z]+) (?:per|a|on each) page.*"), _size),
    (_p(r"(?:(?:show|return|list|display) )?(?:fewer|less)(?: (?:results|items|rows|entries))?(?P<entity>.*)|shorter (?:lists|pages)(?P<n>)"), lambda plan, match: edit.page_size(plan, None, None)),
    (_p(r".*\b(?:users?|people|everyone|everybody) (?:should |must |may |can )?(?:only )?(?:be able to )?(?:see|edit|manage|access|have|view|change)(?: only)? their own(?: (?P<entity>[a-z ]+?))?" + _END), lambda plan, match: edit.require_login(plan, own=True, entity_words=_entity(match))),
    (_p(r"(?:require|add|needs?|use|with|enable|there should be|make it require)(?: a| an)?(?: user| jwt| password)? ?(?:log ?in|sign ?in|authentication|auth|accounts?|password|jwt)\b.*|.*\b(?:users|people|everybody|everyone|one) (?:must|should|have to|need to) (?:log ?in|sign ?in|be logged in|be signed in|authenticate).*|log ?in (?:should|must) be required.*|.*\bbehind a login.*"), lambda plan, match: edit.require_login(plan, own=False)),
    (_p(r"(?:rename|change the name of|call)(?: the)? " + _F + r"(?: field)?(?: (?:of|on|in) (?:the |a )?" + _E + r")? (?:to|into|as|simply|just)? ?[\"']?(?P<new>[a-z][a-z0-9 _-]*?)[\"']?" + _END), lambda plan, match: edit.rename_field(plan, *_owned(plan, _text(match)) if not _entity(match) else (_text(match), _entity(match)), _words(match, "new"))),
    (_p(r"(?:the )?" + _F + r"(?: field)? (?:should|must) be (?:called|named|renamed to) [\"']?(?P<new>[a-z][a-z0-9 _-]*?)[\"']?" + _END), lambda plan, match: edit.rename_field(plan, _text(match), None, _words(match, "new"))),
    (_p(r"(?:the |a |an )?(?P<field>[a-z][a-z0-9 _'-]*?)" + _OF + rf" {_MODAL}(?: not|n't) be (?:required|mandatory|compulsory|needed|necessary)" + _END), _set(edit.make_optional)),
    (_p(r"(?:the |a |an )?(?P<field>[a-z][a-z0-9 _'-]*?)" + _OF + rf" {_MODAL}(?: not|n't) be unique" + _END), _set(edit.make_not_unique)),
    (_p(r"(?:make )?(?:the |a |an )?(?P<field>[a-z][a-z0-9 _'-]*?)" + _OF + rf" (?:{_MODAL} be |is |be )?(?:optional|not required|not mandatory|nullable)" + _END), _set(edit.make_optional)),
    (_p(r"(?:make )?(?:the |a |an )?(?P<field>[a-z][a-z0-9 _'-]*?)" + _OF + rf" (?:{_MODAL} be |is |be )?(?:required|mandatory|compulsory|not optional)" + _END), _set(edit.make_required)),
    (_p(r"(?:make )?(?:the |a |an )?(?P<field>[a-z][a-z0-9 _'-]*?)" + _OF + rf" (?:{_MODAL} be |is |be )?unique" + _END), _set(edit.make_unique)),
    (_p(r"(?:the |a |an )?" + _F + rf"(?: {_MODAL} (?:be|go|range)| goes)?(?: from| between| in the range)? (?P<low>-?\d+(?:\.\d+)?) ?(?:to|and|-|–) ?(?P<high>-?\d+(?:\.\d+)?)" + _END), _bounds),
    (_p(r"(?:(?:add|allow|enable|let|make|i can|users can|support)\b.*?)?\bsort(?:ing|able|ed)?(?: (?:the |all )?(?P<entity>[a-z ]+?))? by (?P<field>[a-z][a-z0-9 ,_-]*?)" + _END), _each(edit.sort_by)),
    (_p(r"(?:(?:add|allow|enable|let|make|i can|users can|support)\b.*?)?\bfilter(?:ing|able|ed|s)?(?: (?:the |all )?(?P<entity>[a-z ]+?))? (?:by|on|for) (?P<field>[a-z][a-z0-9 ,_-]*?)" + _END), _each(edit.filter_by)),
    (_p(r"(?:(?:add|allow|enable|let|make|i can|users can|support|the|extend)\b.*?)?\bsearch(?:ing|able)?(?: (?:the |all )?(?P<entity>[a-z]+?))?(?: should)?(?: also)?(?: (?:by|in|on|over|look in|look at|include|cover|find|to))+ (?:the )?(?P<field>[a-z][a-z0-9 ,_-]*?)" + _END), _each(edit.search_in)),
    (_p(r".*\b(?:export|download)\w*\b(?: (?:the |all |of )?(?P<entity>[a-z ]+?))?(?: (?:to|as|in|into))?(?: a)? csv\b.*|.*\bcsv (?:export|download)(?: (?:of|for) (?:the )?(?P<other>[a-z ]+))?.*"), lambda plan, match: edit.add_export(plan, _entity(match) or match.groupdict().get("other"))),
    (_p(r"(?:remove|delete|drop|get rid of|leave out|take out|we don't need|i don't need|no need for)(?: the| that)? " + _F + _OF + _END), lambda plan, match: edit.remove_field(plan, *_owned(plan, _text(match)) if not _entity(match) else (_text(match), _entity(match)))),
    (_p(r"(?:add|include|put in|introduce|with|create)(?: also)? (?P<field>[a-z][a-z0-9 ,_()-]*?)" + r"(?: (?:to|on|for|in|of|under) (?:the |a |an |each |every |all )?" + _E + ")?" + _END), _add),
    (_p(r"(?:the |a |an |each |every )?(?P<entity>[a-z][a-z ]*?) (?:should|must|need|needs|could|lack|lacks|miss|misses)(?: also| to)?(?: have| has)? (?:a |an |the |also )?(?P<field>[a-z][a-z0-9 _-]*?)(?: field)?" + _END), _have),
    (_p(r"(?:the |a |an )?" + _F + r"(?: (?:of|on|in) (?:the |a )?" + _E + r")? (?:is|are) missing" + _END), _add),
)  # fmt: skip
