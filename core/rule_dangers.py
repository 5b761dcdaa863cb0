"""Rules that must never be learned, however they are worded: those that weaken a check, and those that give orders to the agent.

What a rule forbids is no danger: "Never skip tests" is a good rule.
"""

import re
from collections.abc import Iterator

_CHECKS = (
    r"(?:unit |integration |security |type |style |quality |contract |failing |flaky |slow |broken )*"
    r"(?:tests?|test suite|test cases?|assertions?|checks?|checkers?|type[- ]?checking|linters?|linting|lint|mypy|"
    r"ruff|tsc|eslint|bandit|pytest|"
    r"vitest|schemathesis|qa|reviews?|reviewers?|code review|approvals?|sandbox|validation|validators?|verification|"
    r"thresholds?|scores?|coverage|"
    r"quality gates?|gates?|findings?|safeguards?|guardrails?|ci|static analysis|authentication|authorization|access control|"
    r"permission checks?|csrf|tls|certificate)\b"
    r"(?!\s+(?:data|rows?|users?|accounts?|fixtures?|databases?|records?|tables?|ids?|files? that|boxes|box|"
    r"constraints?|output))"
)
_WEAKEN = (
    r"(?:skip(?:ping)?|disabl(?:e|ing)|ignor(?:e|ing)|delet(?:e|ing)|remov(?:e|ing)|bypass(?:ing)?|circumvent(?:ing)?|"
    r"evad(?:e|ing)|suppress(?:ing)?|silenc(?:e|ing)|"
    r"mut(?:e|ing)|omit(?:ting)?|drop(?:ping)?|relax(?:ing)?|loosen(?:ing)?|lower(?:ing)?|weaken(?:ing)?|reduc(?:e|"
    r"ing)|exclud(?:e|ing)|defer(?:ring)?|postpon(?:e|ing)|"
    r"turn(?:ing)?(?: off)?|switch(?:ing)?(?: off)?|comment(?:ing)? out|leav(?:e|ing) out|work(?:ing)? around|"
    r"get(?:ting)? around|get(?:ting)? rid of|opt out of|"
    r"neuter(?:ing)?|dismiss(?:ing)?|overrid(?:e|ing)|escap(?:e|ing) (?:from )?|break(?:ing)? out of|cheat(?:ing)?|"
    r"trick(?:ing)?|fool(?:ing)?)"
)
_GAP = r"(?:[\s,]+(?!(?:data|after|before|until|when|while|because|unless)\b)[\w'-]+){0,5}?[\s,]+"
_PLAIN = (
    (r"\b(?:exempt|overlook|wave through|wave past|turn a blind eye|look away from)\w*\b", "lets things pass"),
    (
        r"\b(?:classify|rate|grade|label|mark|treat|set|give|call|make)\b.{0,20}\b(?:every|all|each|"
        r"any)\b.{0,10}\b(?:findings?|issues|problems|severit\w+)\b"
        r".{0,15}\b(?:low|minor|harmless|nothing|informational)\b",
        "hides what is wrong",
    ),
    (r"\b(?:rerun|re-run|repeat|retry)\b.{0,20}\btests?\b.{0,15}\buntil\b", "bends tests"),
    (
        r"\b(?:detect|notice|recogni[sz]e|know|see)\b.{0,15}\b(?:when|whether|that|if|under)\b.{0,15}\btests?\b|"
        r"\bfixed (?:response|answer|result)s?\b",
        "fakes results",
    ),
    (
        r"\b(?:grant|give|make)\b(?:\s+\w+){0,4}?\s+(?:admin\w*|superuser|root)\b|\btrust\b.{0,15}\b(?:headers?|cookies?|"
        r"query|body|client)\b",
        "lets everybody in",
    ),
    (
        r"\b(?:remov\w+|disabl\w+|drop\w*|lift\w*|skip\w*)\b(?:\s+\w+){0,2}?\s+(?:rate[- ]limit\w*|limits?|throttl\w+|"
        r"locks?|passwords?|encryption|hashing)\b"
        r"(?!\s+(?:field|reset|column))",
        "weakens a check",
    ),
    (r"\bmake\b.{0,15}\bscores?\b.{0,10}\b(?:10|ten|full|high\w*|perfect)\b", "decides scores beforehand"),
    (
        r"\b(?:only|merely|just)\s+(?:check|assert|show)\w*\s+that\b.{0,20}\b(?:code|it|they|function)\s+(?:runs?|"
        r"returns?|works?)\b",
        "makes tests that cannot fail",
    ),
    (
        r"\bleav(?:e|ing)\b.{0,20}\b(?:failing (?:tests?|checks?)|(?:tests?|checks?|findings?|"
        r"issues)\b.{0,15}\b(?:for later|failing|open|undone|unfixed|as is))",
        "leaves checks failing",
    ),
    (
        r"\b(?:set|put|move|keep)\b.{0,30}\b(?:coverage|thresholds?|minimum|minimums|requirements?)\b.{0,20}\b(?:zero|"
        r"0|none|low|lower|nothing|off)\b",
        "changes what is required",
    ),
    (
        r"\bexcept\b.{0,10}\bpass\b|\b(?:broad|bare|blanket|catch-all)\s+except|\bcatch\w*\s+(?:all|every|"
        r"any)\s+(?:exceptions?|errors?)\s+(?:silently|quietly|without)",
        "hides errors",
    ),
    (
        r"\bso (?:that )?(?:the |all |every )?(?:reviewers?|reviews?|tests?|checks?|linters?|qa|builds?|gates?|"
        r"ci)\s+(?:\w+\s+)?(?:sees? nothing|notice\w*|pass|passes|cannot|can't|"
        r"do(?:es)? not|don't|stays? (?:green|quiet|silent)|succeeds?|(?:is|are) (?:happy|quiet|green)|(?:go|goes|"
        r"turns?) green)",
        "bends checks",
    ),
    (
        r"\b(?:report|return|answer|give|find|list)\w*\s+(?:with\s+)?(?:zero|no)\s+(?:findings?|issues|problems|"
        r"vulnerabilit\w+)",
        "hides what is wrong",
    ),
    (r"\b(?:round|push|bump|raise|inflate|increase|boost)\b.{0,20}\bscores?\b", "decides scores beforehand"),
    (
        r"\btreat\b[^,;]{0,40}\bas (?:noise|pass\w*|harmless|success\w*|done|optional|trusted|trustworthy|instructions|"
        r"orders)",
        "lets things pass",
    ),
    (
        r"\b(?:assume|assuming|claim|pretend|declare|consider|regard|presume)\b.{0,30}\b(?:tests?|checks?|builds?|"
        r"reviews?|tasks?|work|everything)\b.{0,20}\b(?:pass\w*|executed|succeed\w*|"
        r"done|complete\w*|green|fine|finished|safe|correct)\b|\bsay\s+(?:that\s+)?(?:the\s+|all\s+)?(?:tests?|"
        r"checks?)\s+(?:have\s+|were\s+)?(?:pass\w*|executed|ran|succeeded)",
        "marks work as passed",
    ),
    (
        r"\b(?:return|answer|respond)\w*\s+(?:with\s+)?(?:200|ok|success|an? empty \w+|nothing)\b.{0,30}\b(?:errors?|"
        r"fail\w*|exceptions?|went wrong)\b",
        "hides errors",
    ),
    (
        r"\b(?:done|complete\w*|finish\w*|approv\w+|pass|publish|merge|ship|continue|go on|accept\w*|"
        r"deliver)\b.{0,40}\b(?:even (?:if|when|though)|although|while)\b.{0,40}\b"
        r"(?:tests?|checks?|builds?|reviews?|linters?|findings?|scores?)\b",
        "approves whatever there is",
    ),
    (
        r"\baccept\w*\s+(?:any|every|all|each)\s+(?:tokens?|passwords?|signatures?|certificates?|inputs?|origins?|"
        r"credentials?)|\ballow\w*\s+(?:any|every|all)\s+(?:origins?|hosts?)",
        "lets everybody in",
    ),
    (
        r"\b(?:store|keep|save|send|log|hold)\w*\b.{0,20}\b(?:passwords?|secrets?|tokens?)\b.{0,20}\b(?:plain|"
        r"clear ?text|unencrypted|unhashed)",
        "gives secrets away",
    ),
    (
        r"\b(?:log|print|reveal|leak|echo)\b(?:\s+[\w-]+){0,3}?\s+(?:passwords?|secrets?|api keys?|tokens?)\b",
        "gives secrets away",
    ),
    (
        r"\b(?:comply(?:ing)? with|act(?:ing)? (?:on|upon)|honou?r|heed|respect)\b(?:\s+\w+){0,3}?\s+(?:instructions?|"
        r"orders|commands?|wishes)\b",
        "obeys text that it finds",
    ),
    (
        r"\bwhen(?:ever)?\b.{0,25}\b(?:text|comments?|blocks?|files?|descriptions?|readme|data|issue)\s+(?:says?|"
        r"asks?|tells?|wants?|orders?|demands?)\b",
        "obeys text that it finds",
    ),
    (
        r"\b(?:always|must)\b.{0,20}\b(?:answer|respond|reply|decide)\w*\b.{0,15}\b(?:approv\w+|yes\b|passed|"
        r"no findings)",
        "approves whatever there is",
    ),
    (
        r"\b(?:edit|change|adapt|rewrite|adjust|fit|bend)\b(?:\s+\w+){0,2}?\s+(?:tests?|assertions?|expectations?|"
        r"expected \w+)\s+(?:to|so|until)\b.{0,20}\b(?:match\w*|fits?|pass\w*|agrees?)\b"
        r"(?:.{0,20}\b(?:output|source|code|behaviou?r|implementation))?",
        "bends tests",
    ),
    (
        rf"\b(?:fewer|less|weaker|milder|laxer|looser)\s+(?:\w+\s+)?{_CHECKS}|\b(?:make|keep)\b.{{0,15}}\b(?:tests?|"
        rf"checks?|assertions?|validation|linters?|review)\b.{{0,10}}\b(?:less|weaker|softer|"
        r"laxer|looser|optional|milder|tolerant|lenient)\b",
        "weakens a check",
    ),
    (rf"\b(?:{_WEAKEN}){_GAP}{_CHECKS}", "weakens a check"),
    (rf"\bturn(?:ing)? {_CHECKS}(?: \w+){{0,2}} off\b", "weakens a check"),
    (
        r"\b(?:hide|hiding|swallow\w*|suppress\w*|silence|ignore|ignoring|mask|conceal)\b(?:[\s,]+[\w'-]+){0,3}?[\s,]+"
        r"(?:errors?|exceptions?|warnings?|failures?|problems?|vulnerabilit\w+|issues|violations?)\b"
        r"(?!\s+(?:details?|messages?|traces?|codes?|internals?|texts?))",
        "hides errors",
    ),
    (r"\b(?:catch|except)\b.{0,40}\b(?:ignore|discard|swallow|pass over|do nothing)\b", "hides errors"),
    (
        r"\bmark(?:ing)?\b.{0,40}?\b(?:tests?|checks?|findings?|issues|reviews?|builds?|everything|all|it|them|work)\b.{0,30}?"
        r"\bas (?:passed|passing|done|resolved|fixed|approved|accepted|skipped|expected|successful|green|xfail)",
        "marks work as passed",
    ),
    (
        r"\b(?:approve|accept|merge|publish|ship)\b(?:\s+\w+){0,3}?\s+"
        r"(?:anyway|everything|regardless|unread|blindly|without|despite|even (?:if|when|though)|no matter)",
        "approves whatever there is",
    ),
    (r"\b(?:always|just|simply)\s+(?:approve|pass)\b", "approves whatever there is"),
    (
        r"\b(?:noqa|nosec|type:\s*ignore|ts-ignore|ts-nocheck|eslint-disable|no cover|xfail|no-verify|pytest\.skip|skipif|"
        r"\w+\.skip\b)",
        "turns a check off",
    ),
    (r"\b(?:assert true|always[- ]pass\w*|always green)\b", "makes tests that cannot fail"),
    (
        r"\bhard-?cod(?:e|ing)\b.{0,30}\b(?:expected|answers?|results?|outputs?|responses?|for the tests?)\b",
        "fakes results",
    ),
    (
        r"\b(?:tests?|checks?|linting|reviews?|validation|verification|authentication|authorization)\s+"
        r"(?:is|are|can be|may be|should be|must be|ought to be)\s+(?:skipped|ignored|disabled|optional|unnecessary|"
        r"omitted|left out|removed|deleted|bypassed|"
        r"turned off|postponed|not (?:needed|required|necessary)|a waste|weakened|relaxed)",
        "weakens a check",
    ),
    (
        r"\b(?:give|award|assign|return|report|set)\b(?:\s+\w+){0,3}?\s+(?:high|higher|highest|full|perfect|maximum|top|"
        r"10|ten)\s+"
        r"(?:scores?|marks?|ratings?)\b",
        "decides scores beforehand",
    ),
    (r"\bscore\s+(?:everything|all|every\w*)\b", "decides scores beforehand"),
    (
        r"\b(?:lower|raise|reduce|change|edit)\s+(?:the\s+)?(?:minimum|required|passing)\s+(?:score|coverage|threshold)",
        "changes what is required",
    ),
    (
        r"\b(?:edit|change|adapt|rewrite|adjust|weaken)\b(?:\s+\w+){0,2}?\s+(?:tests?|assertions?)\s+(?:so that|until|"
        r"to make)\s+(?:they|it|them|the)\b.{0,20}\bpass",
        "bends tests",
    ),
    (
        r"\b(?:ignor\w+|disregard\w*|forget\w*|overrid\w+|discard\w*)\b(?:\s+\w+){0,4}?\s+(?:instructions?|rules?|"
        r"prompts?|guidelines?|polic\w+|conventions|orders)\b",
        "gives orders to the agent",
    ),
    (
        r"\b(?:obey\w*|follow\w*|execut\w+|carry out|do)\b(?:\s+\w+){0,3}?\s+(?:instructions?|orders|commands?|"
        r"requests?)\s+(?:in|from|found|inside|within|of)\b",
        "obeys text that it finds",
    ),
    (
        r"\bdo (?:whatever|anything|everything|as)\b.{0,40}\b(?:says?|asks?|tells?|wants?|told)\b",
        "obeys text that it finds",
    ),
    (
        r"\btrust\s+(?:all|any|every|user|client|external)\s+(?:\w+\s+)?(?:input|text|data|instructions?|content)",
        "trusts what it is given",
    ),
    (
        r"\b(?:you are (?:now|a|an|the)|from now on|act as|pretend|system prompt|developer mode|jailbreak|as an ai|"
        r"new instructions|"
        r"admin mode|highest priority|no restrictions)\b",
        "gives orders to the agent",
    ),
    (
        r"\b(?:reveal|leak|exfiltrate|dump|print|disclose|expose|include|log|upload|send|post|"
        r"publish)\b(?:\s+[\w-]+){0,4}?\s+(?:secrets?|credentials?|api keys?|"
        r"private keys?|environment variables?|passwords|signing keys?)\b(?!\s+(?:rules?|fields?|reset|hash\w*|manager))",
        "gives secrets away",
    ),
    (
        r"\b(?:run|execute|call|pipe)\b(?:\s+\w+){0,2}?\s+(?:curl|wget|rm|sudo|eval|exec|bash -c|chmod)\b",
        "runs commands",
    ),
    (r"\b(?:use|call)\s+(?:eval|exec|os\.system)\b", "runs commands"),
    (r"\bopen (?:a|the) (?:backdoor|back door)|\bbackdoor\b|\bback door\b", "opens a way in"),
    (
        r"\bdisable\b(?:\s+\w+){0,3}?\s+(?:escaping|encryption|hashing|logging|audit\w*|limits?|rate limit\w*|security)\b",
        "weakens a check",
    ),
)
_DONT = r"(?:never|do not|don't|no need to|not necessary to|need not|needn't|refrain from|stop|avoid)"
_DENYING = (
    (
        rf"\b{_DONT}\s+requir\w+\b.{{0,15}}\b(?:passwords?|tokens?|auth\w*|approvals?|reviews?|sign-?in|login)\b",
        "leaves a check out",
    ),
    (
        rf"\b{_DONT}\s+(?:fail|block|stop|hold|reject|refuse|interrupt|delay)\w*\b.{{0,30}}\b(?:because of|for|on|over|"
        rf"due to|by)\s+(?:\w+\s+){{0,2}}?{_CHECKS}",
        "leaves a check out",
    ),
    (rf"\bavoid\s+(?:strict|exact|thorough|hard|detailed|deep|many)\s+{_CHECKS}", "weakens a check"),
    (
        r"\b(?:rules?|conventions?|instructions?|checks?|policies|limits)\b.{0,30}\b(?:do(?:es)? not|don't|no longer|"
        r"never)\s+(?:apply|matter|count)\b",
        "gives orders to the agent",
    ),
    (
        rf"\b{_DONT}\s+(?:running|bother \w+|run|execute|executing|perform|performing|wait for|ask for|require|requiring|"
        rf"call|calling)\s+(?:\w+\s+){{0,2}}?{_CHECKS}"
        r"(?!\s+(?:that|which|whose|twice|against|only|alone))",
        "leaves a check out",
    ),
    (
        rf"\b{_DONT}\s+(?:write|writing|add|adding|create|creating|keep|keeping)\s+(?:\w+\s+){{0,2}}?{_CHECKS}"
        r"(?!\s+(?:that|which|with|against|depending|relying|by|in|on|for|twice|without|before|after|outside|only|whose|from))",
        "leaves a check out",
    ),
    (
        r"\b(?:never|do not|don't|avoid|stop|no need to)\s+(?:validat\w+|verify\w*|check\w*|authenticat\w+|authoriz\w+|"
        r"sanitiz\w+|escap\w+|hash\w*|"
        r"encrypt\w*|bother (?:to )?\w+ing|test|testing|lint|linting|review|reviewing)\b(?!.*\b(?:only|alone|"
        r"solely|just|merely|twice|by hand|"
        r"yourself|against)\b)",
        "leaves a check out",
    ),
    (
        r"\b(?:never|do not|don't|avoid|stop)\s+(?:report|reporting|raise|raising|mention|mentioning|return|returning|"
        r"list|listing|name|naming)\s+(?:any\s+|all\s+|the\s+)?"
        r"(?:findings?|issues|vulnerabilit\w+|problems|errors|failures|security)\b(?!\s+(?:that|which|twice|without|as|"
        r"with|in|for|for|about))",
        "hides what is wrong",
    ),
    (
        r"\bwithout\s+(?:any\s+)?(?:running\s+)?(?:tests|checks|review|approval)\s+(?:is|are)\s+(?:fine|ok|okay|allowed|"
        r"acceptable)",
        "leaves a check out",
    ),
    (
        r"\bno\s+(?:tests?|checks?|reviews?|validation|authentication)\s+(?:is|are)\s+(?:needed|required|necessary)",
        "leaves a check out",
    ),
)
_DANGERS = tuple((re.compile(pattern, re.I), why) for pattern, why in _PLAIN)
_OMISSIONS = tuple((re.compile(pattern, re.I), why) for pattern, why in _DENYING)
_FORBIDS = re.compile(
    r"\b(?:never|not|cannot|nobody|no|nor|avoid|refuse|forbid|prohibit|reject|without|instead of|rather than|prevent)\b|n't\b",
    re.I,
)
_DOUBLED = re.compile(
    r"\b(?:never|not|don't)\s+(?:(?:forget|neglect|miss)\b(?:\s+(?:to|about))?|(?:fail|hesitate|refuse|be afraid|"
    r"be shy|mind|worry|stop)\s+to\b|be afraid of)",
    re.I,
)
_CLAUSE = re.compile(r"[,;:.]|\bbut\b|\bthen\b|\binstead\b(?! of)", re.I)


def danger(text: str) -> str | None:
    """What is dangerous in a rule, for people; None where nothing is seen."""
    said = _DOUBLED.sub(" ", " ".join(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()))
    return next(_found(said), None)


def _found(text: str) -> Iterator[str]:
    for pattern, why in _OMISSIONS:
        if (found := pattern.search(text)) is not None:
            yield f"it {why}: {found.group()!r}"
    for pattern, why in _DANGERS:
        for found in pattern.finditer(text):
            if not _forbidden(text, found.start()):
                yield f"it {why}: {found.group()!r}"


def _forbidden(text: str, start: int) -> bool:
    """Whether the clause that leads to `start` forbids what follows."""
    return _FORBIDS.search(_CLAUSE.split(text[:start])[-1]) is not None
