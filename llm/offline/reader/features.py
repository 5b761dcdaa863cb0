"""Phrases that ask for a quality of the whole application or of one thing: found first, so that the grammar reads the rest."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from llm.offline.reader.inflection import is_plural, singular
from llm.offline.reader.lexicon import field_kind, words
from llm.offline.reader.text import Sentence

FeatureKind = Literal[
    "unsupported", "backend_only", "frontend", "stack", "own_rows", "auth", "pagination", "csv", "shortener", "clicks",
    "low_stock", "no_overlap", "no_double_booking", "capacity", "capacity_of", "status_flow", "one_per", "unique",
    "period_totals", "totals", "average", "count_per", "search", "search_by", "filter_by", "filter", "sort_by", "sort",
    "default_page", "range",
]  # fmt: skip
TAKEN = "\x1f"
_NP = r"(?:[a-z][a-z0-9'-]*(?: [a-z][a-z0-9'-]*){0,2}?)"


@dataclass(frozen=True)
class Feature:
    """One phrase that was found: the nouns listed after it, and what the named groups of its pattern caught."""

    kind: FeatureKind
    phrase: str
    start: int
    end: int
    nouns: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def part(self, *names: str) -> str | None:
        """The first of these parts that the phrase has."""
        return next((self.parts[name] for name in names if name in self.parts), None)


@dataclass(frozen=True)
class _Pattern:
    """`listed` patterns are followed by a list of nouns."""

    kind: FeatureKind
    regex: re.Pattern[str]
    listed: bool = False
    note: str = ""


def _p(kind: FeatureKind, regex: str, *, listed: bool = False, note: str = "") -> _Pattern:
    return _Pattern(kind, re.compile(rf"(?<![\w-])(?:{regex})(?![\w-])", re.I), listed, note)


_FRONT = r"(?:frontend|ui|gui|user interface|web interface|web client|web ui|client app|spa|single[- ]page app(?:lication)?|interface|html|web pages?)"
_OWN = r"(?:their|his|her|his or her|its|my|our) own"
_EACH = r"(?:per|for (?:each|every|all|the)|of each|by|for|grouped by|by each)"


@cache
def _patterns() -> tuple[_Pattern, ...]:
    raw = json.loads((Path(__file__).parent / "data" / "unsupported.json").read_text(encoding="utf-8"))
    unsupported = tuple(_p("unsupported", regex, note=reason) for regex, reason in raw)
    return (*_demanding_patterns(), *unsupported, *_asking_patterns(), *_naming_patterns())


def _demanding_patterns() -> tuple[_Pattern, ...]:
    """Phrases about the whole application."""
    return (
        _p("backend_only", rf"(?:only (?:the |a )?backend|backend[- ]only|api[- ]only|(?:rest )?api only|headless|server[- ]side only|just (?:the|an?) (?:rest )?(?:api|backend)|(?:without|no|minus|skip(?:ping)?(?: the)?|don't need|do not need|(?:there is )?no need for|needs no) (?:a |an |any |the )?(?:react |web |graphical )?{_FRONT}(?: (?:is )?(?:needed|required|necessary))?)"),
        _p("frontend", rf"(?:with |and |plus |including |has |using |in )?(?:a |an |the )?(?:nice |modern |simple |responsive |clean |web |friendly |minimal |good-looking )*(?:react(?:\.?js)?(?: ?(?:and|\+|/|with) ?typescript)?|typescript|vite|web) {_FRONT}|(?:with |and |plus |including |has )(?:a |an |the )?(?:nice |modern |simple |responsive |clean |web |friendly |minimal |good-looking )*{_FRONT}|full[- ]?stack|(?:in|with|using) react(?:\.?js)?(?: ?(?:and|\+|/) ?typescript)?"),
        _p("stack", r"(?:using |with |in |built with |based on |on )?(?:the )?(?:fast ?api|sqlalchemy(?: 2)?|sqlite|alembic|pydantic|react(?:\.?js)?|typescript|vite|python(?: 3(?:\.\d+)?)?|openapi|swagger(?: docs| documentation)?|docker(?: compose|file)?|github actions|ci(?:/cd)?)(?:(?: ?, ?| ?and | ?\+ ?| ?/ ?)(?:fast ?api|sqlalchemy|sqlite|react|typescript|python|docker|swagger|openapi))*(?: (?:database|backend|support|docs))?|(?:unit |automated )?tests|crud(?: operations| endpoints| api| functionality)?|api docs|documentation"),
        _p("own_rows", rf"(?:(?:each|every) (?:user|person|member)|users?|people|everyone|everybody|members?|(?:and |so )?they|i|we)(?: (?:can|may|should|must|will))?(?: only)? (?:see|sees|view|views|manage|manages|access|accesses|have|has|edit|edits|keep|keeps|track|tracks|read|reads|save|saves|store|stores|own|owns)(?: (?:and|or) \w+)? (?:only )?(?:{_OWN}|(?:the )?(?:ones? )?(?:that )?(?:they|he|she) (?:own|created?|added))(?: (?P<noun>[a-z-]+))?|(?:only )?{_OWN} (?P<only>[a-z-]+)(?: only)?|per[- ]user (?P<per>[a-z-]+)|private to (?:each|the|its) (?:user|owner)|multi[- ]user|only (?:the|its) owner can [\w ,]+?(?=[,;.]|$)|not (?:see|share) (?:each )?others?'?s?(?: [a-z]+)?"),
        _p("auth", r"(?:with |and |plus |requires? |behind |using |via |has |by )?(?:a |an |the )?(?:secure |simple |basic |email |token[- ]based |password |user |jwt |json web token |bearer token |session )*(?:auth(?:entication|entification|orization)?|log-?ins?|sign-?ins?|sign-?ups?|(?:sign|log) ?(?:in|on)(?= (?:required|needed|with|and|,)|,|;|\.|$)|sign up(?=,|;|\.| and|$)|jwts?|json web tokens?|user accounts?|user registration|user management|users? profiles?|password protection|password[- ]protected|login[- ]protected|access tokens?|bearer tokens?)(?: (?:and|&|/|with|by|via|using|plus|or) (?:a |an |user )?(?:jwts?|json web tokens?|auth(?:entication|orization)?|log-?in|log-?out|sign-?up|sign-?in|registration|register|passwords?|emails?(?: and password)?|tokens?|bearer tokens?|login|accounts?))*(?: (?:system|page|tokens?|support|flow|accounts?))?(?: (?:is |are )?(?:required|needed|mandatory|protected))?|(?:users |people |you )?(?:must|need to|have to|should|can) (?:be )?(?:logged[- ]?in|log ?in|sign(?:ed)?[- ]?in|sign up|register|authenticate[d]?)(?: (?:first|and log ?in|or log ?in|to [\w ]+|before [\w ]+))?|(?:for |by |only )*(?:logged[- ]?in|authenticated|registered|signed[- ]?in|authorized) (?:users?|people|members?|customers?)(?: only)?|accounts? for (?:users|people)|log ?out|users? (?:can )?(?:register|sign up|log ?in|sign ?in)(?: and (?:log ?in|sign ?in|register))?|protected by (?:a )?passwords?"),
        _p("pagination", r"(?:with |and )?(?:paginat\w+|paged (?:results|lists?|responses?)|paging|page by page|results? in pages)(?: (?:of|for|on|with) (?:results|lists|all \w+))?"),
    )  # fmt: skip


def _asking_patterns() -> tuple[_Pattern, ...]:
    """Business rules and reports."""
    return (
        _p("csv", r"(?:with |and |can be )?(?:(?:data |list )?(?:export|download)(?:s|ed|ing|able)?(?: (?:the |all |them |it |of )?[a-z]+)?(?: (?:to|as|in|into|via))?(?: an?)? csv(?: files?| format)?|(?:a )?csv (?:export|download)s?(?: of [a-z]+)?|to csv)"),
        _p("shortener", r"(?:a |an )?(?:urls?|links?) shorten(?:er|ing)(?: (?:api|service|app|backend|site))?|shorten(?:s|ing)? (?:long )?(?:urls?|links?)|short(?:ened)? (?:urls?|links?)"),
        _p("clicks", r"(?:click|hit|visit|redirect) (?:counts?|counters?|counting|tracking|statistics|stats|numbers?|analytics)|(?:count(?:s|ing)?|track(?:s|ing)?) (?:the |of )?(?:clicks|hits|visits)|number of (?:clicks|hits|visits)"),
        _p("low_stock", r"(?:a |an |and |with )?(?:list of |show |report of )?low[- ]?(?:on )?(?:stock|inventory|quantity|supply)(?: (?:list|report|overview|view|alerts?|warnings?|items?|products?|filter|levels?))*|(?:running|run) low|reorder (?:list|report)|below (?:a |the )?(?:minimum|threshold)(?: \w+)?"),
        _p("no_overlap", r"(?:with |and |that )?(?:no|without|never|prevent\w*|avoid\w*|refus\w+|reject\w*|non|not|cannot|can't|must not|may not)[- ]*(?:any )?(?:time |schedule |scheduling )?(?:overlap(?:s|ping|ped)?|conflict(?:s|ing)?|clash(?:es|ing)?)(?: (?:times?|bookings?|reservations?|slots?|appointments?|shifts?|rentals?|dates?|periods?|each other|in time))*"),
        _p("no_double_booking", r"(?:with |and )?(?:no|without|never|prevent\w*|avoid\w*|cannot be|can't be|not be|not|no one can) (?:any |be )?double[- ]?book(?:ings?|ed|s)?(?: (?:allowed|possible))?|double[- ]book(?:ings?|ed) (?:is|are|must be) (?:not possible|refused|prevented|impossible)"),
        _p("capacity", r"(?:with |and |there is )?(?:no|without|never|prevent\w*|avoid\w*|cannot be|can't be|not be|not) (?:any |be )?over[- ]?(?:book|sell|fill)(?:ings?|ed|ing|s)?|capacity (?:limits?|checks?)|(?:limited|until) (?:seats|capacity|places|full|sold out|fully booked)|(?:not|never|cannot|can't|no more than)(?: be)? (?:exceed(?:ed)?|more than|over|above) (?:the |its )?(?:capacity|limit|maximum)|cannot be full(?:er)?|sold out"),
        _p("capacity_of", rf"(?:a |the |with a |has a )?(?:maximum|max\.?|limited) (?:number|amount|count) of (?P<noun>{_NP}(?=[,;.]| and|$))|(?:a |an |with )?(?:maximum|max) (?P<thing>attendees|participants|students|members|guests|players|people|persons|seats|capacity)"),
        _p("one_per", rf"(?:only |just |at most |exactly |and )*(?:one|1|a single) (?P<noun>[a-z-]+) (?:per|for each|for every|each) (?P<per>{_NP})(?: (?:per|and|in each|for each|on each) (?P<more>{_NP}))?(?=[,;.)]| and\b|$)|(?:each |every |a )?(?P<who>user|member|person|student|customer|attendee)s? (?:can|may)(?: only)? (?P<verb>[a-z]+)(?: for| in| on)?(?: (?:a|an|the|each|every) (?P<what>[a-z-]+))? (?:only )?(?:once|one time)|(?:once|one) per (?P<single>user|member|person)|can only be (?P<past>[a-z]+) once(?: (?:by|per) (?:each |a |one )?(?P<by>[a-z]+))?"),
        _p("unique", rf"(?:with )?(?:a |an |and )?unique (?P<noun>{_NP})(?=[,;.)]| and\b| for\b| per\b|$)|(?P<field>[a-z]+(?: [a-z]+)?) (?:must be|is|are|should be|has to be) unique|no duplicate (?P<dup>[a-z]+(?: [a-z]+)?)|no two (?P<two>[a-z]+) (?:with|have|share|may have) the same (?P<same>[a-z]+)"),
        _p("period_totals", r"(?:with |and |show |shows |see |a |an |their )*(?P<period>monthly|yearly|annual|weekly|daily|month(?:'s)?)[- ](?:expense |spending |income |sales |revenue |donation )?(?:totals?|sums?|summar(?:y|ies)|reports?|spending|overviews?|statistics|breakdowns?|revenues?|income|sales)(?: (?:per|by) (?P<noun>[a-z]+))?|(?:totals?|sums?|summar(?:y|ies)|spending|spent|expenses|revenue|income|sales|total [a-z]+) (?:per|by|each|for each|every) (?P<unit>month|year)(?: and (?:by |per )?(?P<and>[a-z]+))?"),
        _p("average", rf"(?:with |and |see |show |shows |showing |view |display |displays |an? |the |including |calculate |compute )*(?:average|mean|avg\.?)(?: (?P<noun>(?!per|for|of|by)[a-z]+(?: (?!per|for|of|by)[a-z]+)?))?(?: {_EACH} (?P<per>[a-z]+(?: [a-z]+)?))?(?=[,;.)]| and\b| with\b|$)"),
        _p("totals", rf"(?:with |and |see |show |shows |showing |view |a |an |the |including |calculate )*(?:totals?|sums?|summar(?:y|ies))(?: of)?(?: (?P<noun>(?!per|for|of|by|each)[a-z]+(?: (?!per|for|of|by)[a-z]+)?))? {_EACH} (?P<per>[a-z]+(?: [a-z]+)?)(?=[,;.)]| and\b|$)|(?:per|by)[- ](?P<unit>[a-z]+) totals?|(?:a |the |with |show |see |and )*(?:total|sum)(?: of)? (?P<all>[a-z]+)(?=[,;.)]| and\b|$)|with totals"),
        _p("count_per", rf"(?:with |and |see |show |shows |showing |view |a |an |the |including )*(?:(?:number|count|counts|amount) of (?P<noun>[a-z]+(?: [a-z]+)?)|(?P<one>[a-z]+) counts?) {_EACH} (?P<per>[a-z]+(?: [a-z]+)?)(?=[,;.)]| and\b|$)|count(?:s|ing)? (?P<what>[a-z]+) per (?P<unit>[a-z]+)"),
        _p("default_page", r"(?P<n>\d+) (?:items|results|rows|entries|records) (?:per|a|on each) page"),
    )  # fmt: skip


def _naming_patterns() -> tuple[_Pattern, ...]:
    """Phrases followed by a list of field names."""
    return (
        _p("sort_by", r"(?:with |and |can be |list )?(?:sort(?:ed|able|ing)?|order(?:ed|able|ing|able)?)(?: (?:them|the list|results|items|[a-z]+))? by(?: the| their)?", listed=True),
        _p("filter_by", r"(?:with |and |can be )?(?:filter(?:s|ed|able|ing)?)(?: (?:them|the list|results|items|all|[a-z]+))?(?: (?:by|on|for))(?: the| their| its)?", listed=True),
        _p("search_by", r"(?:with |and |can be )?(?:full[- ]text )?(?:search(?:able|ing|es|ed)?|find(?:able)?|look(?:ed|ing)? ?up)(?: (?:for )?(?:them|it|[a-z]+(?! by)))?(?: for [a-z]+)? (?:by|on|in|over|through|within|across)(?: the| their| its)?", listed=True),
        _p("sort", r"(?:with |and )?(?:sorting|sortable(?: (?:lists?|columns?|tables?))?|sort)"),
        _p("filter", r"(?:with |and )?(?:filters|filtering|filterable(?: lists?)?|filter)"),
        _p("search", r"(?:with |and |a |an |can be |full[- ]text |keyword |text |simple )*(?:search(?:able|ing|ed)?)(?: (?:bar|box|field|function(?:ality)?|engine|feature|endpoint|page))?"),
        _p("range", r"(?:from |between |of |\(|scale (?:of|from) |with )?(?P<low>\d+(?:\.\d+)?) ?(?:to|and|-|–|\.\.|through) ?(?P<high>\d+(?:\.\d+)?)(?: stars?| points?)?\)?|(?:out of|up to) (?P<top>\d+)(?: stars?)?"),
    )  # fmt: skip


def find_features(sentence: Sentence) -> list[Feature]:
    """Find every feature, mark its tokens, and return them in the order of the text."""
    text, found = sentence.text, list[Feature]()
    for pattern in _patterns():
        position = 0
        while match := pattern.regex.search(text, position):
            feature = _feature(pattern, match, text)
            position = match.end() + (match.end() == match.start())
            if feature is None:
                continue
            found.append(feature)
            text = text[: feature.start] + TAKEN * (feature.end - feature.start) + text[feature.end :]
            sentence.take(feature.start, feature.end, feature.phrase)
            position = feature.end
    return sorted(found, key=lambda feature: feature.start)


def _feature(pattern: _Pattern, match: re.Match[str], text: str) -> Feature | None:
    if TAKEN in match.group():
        return None
    end, nouns = match.end(), tuple[str, ...]()
    if pattern.listed:
        nouns, end = _listed_nouns(text, match.end())
        if not nouns:
            return None
    phrase = re.sub(r"^(?:and|with|plus|,) ", "", text[match.start() : end].strip(" ,("), flags=re.I)
    parts = {name: value.lower() for name, value in match.groupdict().items() if value}
    return Feature(pattern.kind, phrase, match.start(), end, nouns, parts, pattern.note)


_STOP = frozenset(
    ["with", "where", "that", "which", "who", "for", "to", "in", "on", "per", "by", "when", "using", "as", "each", "and", "or", "users", "user", "can", "must", "is", "are", "has", "have", "then", "from", "desc", "descending", "asc", "ascending", "login", "required", "sorted", "filtered"]
)
_WORD = re.compile(r"\s*([A-Za-z][A-Za-z0-9'-]*|,|/|&)")


def _listed_nouns(text: str, position: int) -> tuple[tuple[str, ...], int]:
    """Read `name, email and due date` from `position`; stops before what is a list of things again."""
    nouns, end = list[str](), position
    for noun, after in _nouns_from(text, position):
        if nouns and not _continues(noun):
            break
        nouns.append(noun)
        end = after
    return tuple(nouns), end


def _nouns_from(text: str, position: int) -> Iterator[tuple[str, int]]:
    while True:
        start, taken = position, list[str]()
        while match := _WORD.match(text, position):
            word = match.group(1).lower()
            if word in ("a", "an", "the", "their", "its", "by", "and", "or", ",", "&", "/") and not taken:
                position = match.end()
                continue
            if not word[0].isalpha() or word in _STOP or len(taken) == 3:
                break
            taken.append(word)
            position = match.end()
        if not taken or position == start:
            return
        yield " ".join(taken), position


def _continues(noun: str) -> bool:
    last = noun.rsplit(" ", 1)[-1]
    if field_kind(singular(last)) or field_kind(noun.replace(" ", "_")):
        return True
    return not is_plural(last) and last not in words().containers
