"""Reads what a person answers to a question: what the clauses of the reply accept, refuse or wish for."""

import re
from dataclasses import dataclass
from typing import Literal

from core.types import JsonObject
from llm.offline.money import Money, read_money

Action = Literal["approve", "changes", "raise_budget", "retry", "abort", "unclear"]
_APPROVE = (
    r"ship it(?: now| as is| please| today)?|ship this|ship|lgtm|l\.g\.t\.m\.?|(?:it |this |that |all |everything )?(?:looks?|seems?|sounds?|reads?|works?|is) (?:really |very |so |pretty |absolutely |all |just |quite |super )*"
    r"(?:good|great|fine|perfect|amazing|awesome|excellent|nice|ok|okay|right|lovely|fantastic|wonderful|solid|clean|ready|well|brilliant|correct|approved|beautiful)(?: to (?:me|go|ship|us))?|"
    r"(?:i |we )?(?:hereby )?approved?(?: it| this| that| everything| the work)?|go ahead(?: and (?:ship|merge|publish|commit|deploy|release)(?: it)?)?|go for it|merge(?: it| this)?|publish(?: it| this)?|"
    r"deploy(?: it| this)?|release(?: it| this)?|commit(?: it| this)?|send it|push it|accept(?:ed)?(?: it| this| as it is| as is)?|take it|yes(?: please| indeed| sir)?|yep|yeah|yup|ya|y|aye|sure(?: thing)?|ok(?:ay)?|okey|"
    r"alright|all right|perfect|great(?: work| job| stuff)?|good(?: work| job| stuff| to go| enough)?|nice(?: work| job| one)?|excellent|awesome|amazing|fantastic|wonderful|brilliant|cool|super|lovely|well done|"
    r"(?:i |we )?(?:really )?(?:love|like) (?:it|this|that|what i see)|(?:i'm |i am |we're |we are )?(?:very |quite |totally |really )?(?:happy|satisfied|pleased)(?: with (?:it|this|that|the result|everything))?|"
    r"(?:fine|good|ok|okay) (?:by|with|for) (?:me|us)|works for me|proceed|continue|do it|make it so|thumbs up|\+1|all good|let's (?:go|ship(?: it)?|do it|merge(?: it)?|roll)|"
    r"exactly what i (?:wanted|needed|asked for)|ready to ship|you (?:may|can) (?:ship|merge|publish|proceed|go ahead|release|commit)(?: it)?|green light|confirmed?|agreed|affirmative|approval granted|signed off|sign off|finish it"
)  # fmt: skip
_NO_OBJECTION = (
    r"(?:i have |there are |i see |we have )?no (?:objections?|complaints?|problems?|issues?|changes?(?: needed| required| necessary)?|concerns?|comments?|further (?:changes|comments)|worries|more changes)(?: from (?:me|us))?|"
    r"nothing (?:to (?:change|add|fix|complain about)|else(?: to (?:add|change))?|is missing|missing)|(?:i |we )?(?:can't|cannot|don't|do not) (?:see|find|have) any(?: \w+)? ?(?:problems?|issues?|bugs?|objections?|complaints?|errors?)|why not|can't wait|not bad(?: at all)?|"
    r"(?:i |we )?would(?:n't| not) change (?:a thing|anything)|don't change (?:a thing|anything)|no need to change anything|(?:i )?couldn't be happier|don't (?:stop|abort|cancel)(?: it| this| now)?"
)  # fmt: skip
_ABORT = (
    r"(?:please |just |let's |i want to |you can |ok,? |better )*(?:abort|cancel|stop|quit|kill|terminate|halt|end|discard|scrap|drop|forget|trash|bin|throw away|give up|call it off|never ?mind|nevermind)"
    r"(?: (?:it|this|that|everything|all|now|here|please|on (?:it|this)|about it|(?:the|this) (?:task|build|run|job|project|thing|whole thing|work|workflow|process)|the whole (?:thing|task|project)|right now|immediately|it all|away|off))*(?: please)?"
    r"|(?:i |we )?(?:don't|do not) (?:want|need) (?:it|this|that)(?: any ?more| anymore)?|not worth (?:it|the money|more money)|no more money|don't spend (?:any ?more|another cent|more)(?: money)?(?: on (?:it|this))?|enough(?: is enough)?|i changed my mind"
)  # fmt: skip
_RETRY = (
    r"(?:please |just |let's |ok,? |yes,? )*(?:retry|re-?try(?: it)?|try (?:it |this |that )?(?:again|once more|one more time|another time|harder)|(?:have|give it|take) another (?:go|try|shot|attempt|round)|again|once more|one more (?:time|try|round|attempt|iteration)|"
    r"another (?:round|try|attempt|go|iteration)|keep (?:going|trying|at it|working)|continue|go on|carry on|re-?run(?: it)?|proceed|don't give up|start over|resume)(?: please| now)?"
)  # fmt: skip
_POLITE = frozenset(
    ["please", "thanks", "thank", "you", "thx", "ty", "a", "lot", "very", "much", "so", "cheers", "great", "job", "team", "everyone", "guys", "folks", "now", "then", "well", "hey", "hi", "hello", "and", "i", "me", "my", "think", "guess", "it", "this", "that", "is", "to", "the", "for", "us", "just", "really", "too", "all", "of", "in", "on", "at", "as", "am", "be", "we", "with", "your", "work", "done", "already", "yes", "ok", "okay", "go", "ahead", "let's", "app", "application", "result", "design", "code", "build", "one", "here", "today", "asap", "right", "away", "immediately", "!", "indeed", "absolutely", "definitely", "totally", "certainly", "sir", "mate", "buddy", "dear", "friend", "bot", "everything", "thing", "looks", "nice", "good"]
)
_WISH = re.compile(
    r"\b(?:add|remove|delete|drop|change|rename|replace|fix|make|use|move|show|hide|sort|filter|limit|increase|reduce|lower|allow|let|split|merge the|put|give|set|include|exclude|adjust|update|improve|correct|simplify|"
    r"should(?:n't)?|must(?:n't)?|need(?:s|ed)?|would like|i'd like|i want|we want|want|prefer|wish|could (?:you|we|it)|can (?:you|we|it)|would (?:you|be)|instead|too (?:many|much|few|little|slow|big|small|long|short|large|high|low|strict)|missing|misses|lacks?|"
    r"wrong|broken|incorrect|bug(?:s|gy)?|fails?|failing|error(?:s)?|crash(?:es)?|doesn't|does not|don't|do not|isn't|is not|aren't|are not|won't|can't|cannot|never|ugly|confusing|unclear|slow|"
    r"not (?:enough|what|right|good|working|ready|quite)|almost|except|apart from|other than|only if|unless|before you|without|rather|optional|required|mandatory|forgot(?:ten)?|again|typo)\b"
)  # fmt: skip
_CONDITION = re.compile(
    r"\b(?:if|once|after|when|as soon as|as long as|provided|unless|until|assuming|on (?:the )?condition|but|however|though|although|except|yet first|first)\b"
)
_NEGATED = re.compile(
    r"\b(?:don't|do not|dont|not|never|can't|cannot|won't|shouldn't|isn't|no)\b[^.;!?]{0,18}\b(?:ship|approv\w*|merge|publish|deploy|release|accept\w*|commit|ready|go ahead|yet|good|great|fine|ok|okay|happy|satisfied|perfect|agree|send|push|lgtm|like (?:it|this|that)|love (?:it|this|that))\b|\bnot (?:yet|now|like this)\b|\bhold (?:on|off|it)\b|\bwait\b|\b(?:disapprove|reject(?:ed)?|unacceptable|refuse)\b"
)
_QUESTION = re.compile(
    r"^(?:what|who|why|how|where|when|which|whose|is|are|was|does|do|did|will|has|have|can i|may i|should i|explain|tell me)\b"
)
_ENGLISH = frozenset(
    ["the", "a", "an", "is", "are", "was", "be", "to", "of", "and", "in", "it", "its", "that", "this", "for", "on", "with", "as", "at", "by", "not", "no", "should", "must", "need", "needs", "want", "would", "could", "can", "page", "list", "field", "title", "search", "button", "form", "name", "login", "user", "users", "too", "many", "much", "more", "less", "instead", "when", "if", "from", "i", "we", "you", "there", "all", "each", "results", "result", "table", "date", "price", "app", "make", "add", "remove", "endpoint", "color", "colour"]
)


@dataclass(frozen=True)
class Reply:
    """A decision in the making; `message` is the wish, or for `unclear` what has to be known."""

    action: Action
    message: str = ""
    budget_usd: float | None = None

    def as_json(self) -> JsonObject:
        return {"action": self.action, "message": self.message, "budget_usd": self.budget_usd}


@dataclass(frozen=True)
class _Signals:
    approves: bool
    refuses: bool
    wishes: bool
    aborts: bool
    retries: bool
    conditional: bool
    asks: bool
    money: Money | None


def read_reply(text: str, question: JsonObject) -> Reply:
    """Read a reply to a question of kind approval, budget or escalation."""
    said = " ".join(text.split())
    signals = _signals(said)
    kind = str(question.get("kind", "approval"))
    if kind == "budget":
        return _budget_reply(said, signals, question)
    if kind == "escalation":
        return _escalation_reply(said, signals)
    return _approval_reply(said, signals)


def _signals(text: str) -> _Signals:
    lowered = _emojis(text.lower().replace("’", "'"))
    plain = re.sub(rf"\b(?:{_NO_OBJECTION})(?![\w'])", " approved ", lowered)
    clauses = [
        clause.strip(" \"'")
        for clause in re.split(r"[.,;:!?()\n]+| - | – |\bbut\b|\bhowever\b|\bthough\b", plain)
        if clause.strip(" \"'")
    ]
    aborts = any(re.fullmatch(_ABORT, clause) for clause in clauses)
    retries = any(re.fullmatch(rf"(?:{_RETRY})(?: with .*| but .*| and .*| using .*)?", clause) for clause in clauses)
    refuses = bool(_NEGATED.search(plain)) or any(
        re.fullmatch(r"(?:no|nope|nah|no way|no thanks|no thank you|not really|never)", clause) for clause in clauses
    )
    approves = any(_approves(clause) for clause in clauses)
    asks = text.rstrip().endswith("?") and bool(_QUESTION.match(lowered))
    wishes = any(_wishes(clause) for clause in clauses if not re.fullmatch(rf"(?:{_ABORT})|(?:{_RETRY})", clause))
    conditional = bool(_CONDITION.search(lowered))
    return _Signals(approves, refuses, wishes, aborts, retries, conditional, asks, read_money(text))


def _emojis(text: str) -> str:
    for signs, words in (("👍✅🚀🎉💯👌🙌☑✔", " yes "), ("👎❌🚫", " no "), ("🛑", " stop "), ("🔁🔄", " retry ")):
        for sign in signs:
            text = text.replace(sign, words)
    return text


def _approves(clause: str) -> bool:
    if _NEGATED.search(clause) or not re.search(rf"(?<![\w'])(?:{_APPROVE})(?![\w'])", clause):
        return False
    return len(_leftover(clause)) <= 2 or bool(
        re.search(r"\b(?:ship|lgtm|approved?|merge it|publish it|go ahead|looks? (?:good|great|perfect))\b", clause)
    )


def _leftover(clause: str) -> list[str]:
    rest = re.sub(rf"(?<![\w'])(?:{_APPROVE})(?![\w'])", " ", clause)
    return [word for word in re.findall(r"[a-z0-9']+", rest) if word not in _POLITE]


def _wishes(clause: str) -> bool:
    """True for a clause that asks for something or says that something is not right."""
    rest = re.sub(rf"(?<![\w'])(?:{_APPROVE})(?![\w'])", " ", clause)
    rest = re.sub(
        r"\b(?:don't|do not|dont|not|never|can't|cannot)\b(?: (?:to|yet|it|this|that|now|be|you|we|i|want|like|think|me|us|feel|am|is|are))*\s*(?:yet)?\s*$",
        " ",
        rest,
    )
    rest = re.sub(r"^\s*(?:please )?(?:don't|do not|dont|no|not)\s*(?=$|yet|now)", " ", rest)
    words = [
        word
        for word in re.findall(r"[a-z0-9']+", rest)
        if word not in _POLITE and word not in ("yet", "no", "not", "nope", "wait", "don't", "do", "hold")
    ]
    marked = bool(_WISH.search(rest)) and len(words) >= 2
    observed = len(words) >= 3 and len(set(re.findall(r"[a-z']+", clause)) & _ENGLISH) >= 2
    return marked or observed


def _approval_reply(text: str, signals: _Signals) -> Reply:
    if signals.aborts and not signals.wishes and not signals.approves:
        return Reply("abort")
    about_money = signals.money is not None and re.search(
        r"\b(?:budget|cap|dollars?|cents?|bucks?|usd)\b|\$", text.lower()
    )
    if (signals.asks and not signals.approves) or (
        about_money and not signals.approves and not re.search(r"\bprice|cost|amount|fee", text.lower())
    ):
        return _unclear("approval", signals)
    if signals.wishes or (signals.approves and signals.conditional and not signals.refuses and _has_content(text)):
        return Reply("changes", text)
    if signals.approves and not signals.refuses:
        return Reply("approve")
    return _unclear("approval", signals)


def _has_content(text: str) -> bool:
    """A condition needs something that is conditioned: `ship it though` has nothing."""
    after = _CONDITION.split(text.lower(), maxsplit=1)
    return len(after) > 1 and len([word for word in re.findall(r"[a-z0-9']+", after[-1]) if word not in _POLITE]) >= 1


def _escalation_reply(text: str, signals: _Signals) -> Reply:
    lowered = text.lower()
    if signals.aborts and not signals.wishes and not signals.retries:
        return Reply("abort")
    if signals.retries:
        bare = re.fullmatch(rf"(?:{_RETRY})[ .!]*", _emojis(lowered).strip())
        return Reply("retry", "" if bare else text)
    if signals.asks and not signals.approves:
        return _unclear("escalation", signals)
    accepts = re.search(
        r"\b(?:ship|accept|approve|merge|publish|as (?:it )?is|good enough|lgtm|anyway|release|deploy|looks? (?:good|great|fine|ok|okay)|take it)\b",
        lowered,
    )
    if signals.wishes and not (accepts and "anyway" in lowered):
        return Reply("changes", text)
    if accepts and not signals.refuses:
        return Reply("approve")
    return _unclear("escalation", signals)


def _budget_reply(text: str, signals: _Signals, question: JsonObject) -> Reply:
    cap, spent = _number(question.get("budget_usd")), _number(question.get("spent_usd"))
    refuses_more = bool(
        re.search(
            r"\bno more money\b|\b(?:don't|do not|dont|won't|will not) (?:raise|increase|spend|pay|give)\b",
            text.lower(),
        )
    )
    if (signals.aborts or refuses_more) and signals.money is None:
        return Reply("abort")
    if (
        signals.aborts
        and signals.money is not None
        and not refuses_more
        and re.match(r"(?:please )?(?:abort|cancel|stop|quit)\b", text.lower())
    ):
        return Reply("abort")
    money = signals.money
    if money is not None and not refuses_more:
        return _raised(money, cap, spent)
    if signals.refuses and not signals.approves and not signals.wishes:
        return Reply("abort")
    return _unclear("budget", signals)


def _raised(money: Money, cap: float, spent: float) -> Reply:
    new = {"set": money.amount, "add": cap + money.amount, "times": cap * money.amount}[money.mode]
    new = round(new, 2)
    if new <= max(cap, spent):
        return Reply(
            "unclear",
            f"The cap is ${cap:.2f} and ${spent:.2f} are spent; ${new:.2f} would not be more. What shall the new cap be?",
        )
    if new > 1_000_000:
        return Reply("unclear", "A cap may be at most $1,000,000. What shall the new cap be?")
    return Reply("raise_budget", "", new)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _unclear(kind: str, signals: _Signals) -> Reply:
    if kind == "budget":
        return Reply(
            "unclear",
            'How much may be spent in all? Say for example "set the budget to $2" or "another dollar", or "abort".',
        )
    if kind == "escalation":
        return Reply("unclear", "Shall it try again, change something (say what), accept the work as it is, or abort?")
    if signals.money is not None:
        return Reply(
            "unclear",
            "The question is whether the work is accepted, not its budget. Approve it, say what shall change, or abort.",
        )
    if signals.refuses:
        return Reply("unclear", 'What shall be different? Describe the change, or say "abort" to end the task.')
    return Reply("unclear", 'Approve the work ("ship it"), describe what shall change, or say "abort".')
