"""When a text describes no application that the offline model can build, and the sentence that says so."""

import re

from llm.offline.reader.draft import Draft
from llm.offline.reader.features import Feature
from llm.offline.reader.inflection import base_verb, singular
from llm.offline.reader.lexicon import field_kind, things, words
from llm.offline.reader.text import Sentence

CAN = (
    "The offline model builds applications that keep records: things with fields and relations, lists with search, filters "
    "and sorting, sign-in, status workflows, uniqueness, capacity, totals and averages. "
    'Try for example: "Library: authors, books (title, isbn, published year) and loans; members can borrow books".'
)
NOTHING = f"No things to keep records of could be read in the description. {CAN}"
_QUESTION = re.compile(
    r"^(?:what|who|whom|whose|when|why|how|where|which|is|are|was|were|does|do|did|will|would you|tell|explain|define"
    r"|(?:could|can) you (?:tell|explain))\b",
    re.I,
)
_OTHER_WORK = re.compile(
    r"^(?:please )?(?:(?:write|compose|give me|make|create|generate|draft) (?:me )?(?:a |an |some |the )?"
    r"(?:short |long |funny |nice |new |love |cover )*"
    r"(?:poem|haiku|essay|story|letter|song|speech|novel|sonnet|limerick|joke|summary|e?mail|blog post|tweet|recipe|article"
    r"|report|cv|resume|logo|picture|image|drawing|video|presentation|movie)\b"
    r"|translate|summari[sz]e|calculate|compute|solve|draw|sing|tell|explain|say|describe|paint|order me|call|remind|play|buy"
    r"|hello\b|hi\b|hey\b|thanks|thank you|good (?:morning|evening|day))",
    re.I,
)
_COMMANDS = re.compile(
    r"^(?:\$ ?)?(?:sudo\b|https?://\S+$|(?:rm|git|cd|ls|pip|npm|npx|apt|apt-get|brew|curl|wget|docker|kubectl|chmod|echo|select|drop)"
    r"\b.*(?: -{1,2}[a-z]|[(){}=<>*;$|\\]|/)|git (?:push|pull|commit|clone|rebase|checkout)\b|import [\w.]+ ?(?:;|$))",
    re.I | re.S,
)
_ERRANDS = re.compile(
    r"^(?:please )?(?:fix|debug|refactor|deploy|install|download|merge|revert|restart|run|open|close|delete)"
    r" (?:the|my|this|that|our|it)\b",
    re.I,
)
_FOREIGN = frozenset({
    "anwendung", "aplicacion", "aplicación", "aplicativo", "applicazione", "avec", "baue", "bitte", "con", "crear", "créer",
    "das", "de", "der", "des", "di", "een", "eine", "einen", "el", "erstelle", "fur", "für", "gastos", "gestion", "het",
    "ich", "il", "jag", "je", "la", "las", "le", "les", "los", "mein", "meine", "mes", "meus", "mi", "mijn", "mis", "mit",
    "och", "para", "pour", "quiero", "um", "uma", "un", "una", "und", "une", "veux", "voglio", "voor",
})  # fmt: skip
_SYSTEMS = re.compile(
    r"\b(?:operating systems?|game engine|programming language|video game|first[- ]person|web browser)\b", re.I
)
_NOT_RECORDS = frozenset({
    "compiler", "kernel", "emulator", "interpreter", "debugger", "firmware", "bootloader", "browser", "crawler",
    "scraper", "bot", "chatbot", "neural", "network", "shooter", "calculator", "converter", "translator",
    "transpiler", "antivirus", "firewall", "vpn", "proxy", "blockchain", "cryptocurrency", "synthesizer", "renderer",
    "simulator", "raytracer", "compressor", "encoder", "decoder", "codec", "os", "virus", "malware", "ransomware",
    "keylogger", "exploit", "editor", "engine",
})  # fmt: skip

_NUMBER = r"(\d+(?:\.\d+)?)"
_BOUNDS = re.compile(
    rf"\bat least {_NUMBER}(?: ([a-z]+))?,? (?:and|but) at most {_NUMBER}(?: ([a-z]+))?"
    rf"|\bat most {_NUMBER}(?: ([a-z]+))?,? (?:and|but) at least {_NUMBER}(?: ([a-z]+))?",
    re.I,
)


def why_refused(sentence: Sentence, features: list[Feature], draft: Draft) -> str | None:
    """The refusal for people, or None when there is an application to build."""
    words_read = [token for token in sentence.tokens if token.is_word]
    if _is_foreign(sentence.text):
        return f"The offline model reads descriptions in English only. {CAN}"
    if not words_read:
        return f"The description is empty. {CAN}"
    if against := _contradiction(sentence.text):
        return f"The description contradicts itself: no value is {against}. Say which of the two bounds holds."
    contained = any(singular(token.word) in words().containers for token in words_read)
    text = sentence.text.strip()
    if _COMMANDS.match(text) or (_ERRANDS.match(text) and not contained and not _describes(draft)):
        return f"This is a command, not a description of an application. {CAN}"
    if not contained and (_QUESTION.match(text) or _OTHER_WORK.match(text)) and not _describes(draft):
        return f"This is not a description of an application. {CAN}"
    if _is_other_program(draft, sentence):
        return f"This kind of program is outside of what the offline model can build. {CAN}"
    if not _has_things(draft) or not _evidence(sentence, features, draft, contained=contained):
        return NOTHING
    return None


def _contradiction(text: str) -> str | None:
    """Bounds of one value that nothing can be within, in the words of the text."""
    for found in _BOUNDS.finditer(text):
        least, unit, most, other = found.groups()[:4] if found[1] else (found[7], found[8], found[5], found[6])
        if float(least) > float(most) and (unit is None or other in (None, unit)):
            return found.group()
    return None


def _is_foreign(text: str) -> bool:
    """True when small words of another language make up much of the text, or its letters are not Latin ones."""
    said = re.findall(r"[^\W\d_]+", text.lower())
    foreign = [word for word in said if word in _FOREIGN]
    strange = sum(ord(letter) > 0x24F for word in said for letter in word)
    return (len(set(foreign)) > 1 and len(foreign) * 5 >= len(said)) or strange > len(text) / 3


def _has_things(draft: Draft) -> bool:
    return bool(draft.things) or draft.setting is not None


def _describes(draft: Draft) -> bool:
    """True when the text lists several things or states fields: it describes, however it begins."""
    known = [thing for thing in draft.things.values() if _is_known(thing.noun)]
    return len(known) > 1 or any(thing.fields for thing in known)


def _is_other_program(draft: Draft, sentence: Sentence) -> bool:
    listed = [thing for thing in draft.things.values() if thing.source != "head"]
    head = [token.word for token in sentence.tokens[:8] if token.is_word]
    heads = [thing for thing in draft.things.values() if thing.source == "head"]
    named = any(word in _NOT_RECORDS for thing in heads for word in thing.noun.split(" ")) or (
        not heads and any(word in _NOT_RECORDS for word in head)
    )
    systems = _SYSTEMS.search(sentence.text)
    return (named or systems is not None) and not listed


def _evidence(sentence: Sentence, features: list[Feature], draft: Draft, *, contained: bool) -> bool:
    """At least one sign that records are meant: a known thing or place, an application word, fields, a rule."""
    if (
        draft.setting
        or any(_is_known(noun) for noun in draft.things)
        or any(field_kind(field.name) for thing in draft.things.values() for field in thing.fields)
    ):
        return True
    asked = any(feature.kind not in ("unsupported", "stack", "range") for feature in features)
    tracked = any(
        base_verb(token.word) in ("track", "manage", "organize", "catalogue", "record") for token in sentence.tokens
    )
    return bool(draft.things) and (contained or asked or bool(draft.links) or tracked)


def _is_known(noun: str) -> bool:
    last = noun.split(" ")[-1]
    return noun in things() or last in things() or last in words().actors
