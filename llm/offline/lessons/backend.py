"""Lessons of backend_agent."""

from llm.offline.lessons.lesson import Lesson, together

_NOT = r"\b(?:never|no need to|do not|don't|skip|leave out|omit)\b[^.;,:]*"
_CREATED = r"creat\w*|new|insert\w*|post|add\w*"
_REJECTED = r"refus\w*|reject\w*|forbid\w*|disallow\w*|422|not accept\w*|never accept\w*"
LESSONS: tuple[Lesson, ...] = (
    Lesson(
        "missing_404", r"(unknown|not exist|not there|missing).*404|404.*(unknown|not exist|not there)",
        "Look whether a row is there before it is used, and answer 404 when it is not.",
        r"\b404\b|not found",
        together(r"404|not found", r"exist\w*|missing|unknown|absent|there|no such|none|gone"),
        r"\b(?:200|empty|null)\b.*\b(?:unknown|missing|no such)|\b(?:unknown|missing)\b.*\b(?:200|empty|null)\b",
        rf"{_NOT}\b(?:404|whether .* (?:there|exists?))",
    ),
    Lesson(
        "wrong_status_code", r"(instead of|expected|promises status) 201",
        "Answer 201 when something is created, 204 when it is deleted and 200 otherwise.",
        r"\b201\b", together("201", _CREATED),
        rf"^(?!.*\b201\b)(?=.*\b200\b)(?=.*\b(?:{_CREATED})\b)",
        rf"{_NOT}\b201\b",
    ),
    Lesson(
        "renamed_field", r"\blacks `|\bhas the fields\b|has `\w+`, which is not in the contract",
        "Call every field of an answer exactly what the contract calls it, and add none of your own.",
        r"\b(?:field|propert|key|attribute)\w*",
        together(
            r"(?:field|propert|key|attribute)\w*", "contract|specification|schema|openapi|agreed",
            r"nam\w+|exact\w*|same|spell\w*|spelt|call\w*|match\w*",
        ),
        r"\bcamel\W?case|\bpascal\W?case",
    ),
    Lesson(
        "missing_authorization", r"(instead of|expected) 401|another user's row|somebody else|other user",
        "Ask for a valid token wherever the contract does, and find rows only among those of the account that asks.",
        r"\b(?:token|sign\w*|authenticat\w+|authori[sz]\w+|own\w*|account)\b",
        together(
            r"token|signed[ -]in|authenticat\w+|authori[sz]\w+|login|own\w*|account|401",
            r"check\w*|require\w*|ask\w*|verif\w+|demand\w*|restrict\w*|limit\w*|only|filter\w*|refus\w*|scope\w*",
            r"rows?|records?|routes?|endpoints?|operations?|requests?|data|wherever|every\w*",
        ),
        r"\b(?:anybody|everybody|every account|all users)\b.*\b(?:see|read|change|call)\b",
        rf"{_NOT}\b(?:tokens?|owners?|authori[sz]\w+|sign(?:ed)?[ -]in)\b",
    ),
    Lesson(
        "broken_import", r"ImportError|No module named|ModuleNotFoundError|cannot import|imports `.*there is no",
        "Import only modules and names that are there, spelled as they are spelled.",
        r"\bimport\w*", together(r"import\w*", r"exist\w*|there|real|spell\w*|spelt|correct\w*|verif\w+|present|defined"),
    ),
    Lesson(
        "missing_validation", r"invalid_value.*answered 20\d instead of 422|max_?length|too long",
        "Hold texts and numbers of a request to the lengths and bounds of the contract, and answer 422 beyond them.",
        r"\b(?:length|bound|range|limit|minimum|maximum|constraint|validat)\w*",
        together(
            r"lengths?|bounds?|limits?|ranges?|minimum|maximum|constraints?|too long|validat\w+",
            r"fields?|texts?|strings?|values?|inputs?|bod(?:y|ies)|requests?|numbers?",
            r"422|contract|validat\w+|refus\w+|reject\w*|check\w*|enforce\w*|hold|declare\w*",
        ),
        r"\b(?:accept|take|store|allow)\b.*\b(?:any|whatever|every)\b.*\b(?:lengths?|sizes?|values?)\b",
        rf"{_NOT}\bvalidat\w*",
    ),
    Lesson(
        "wrong_default", r"gets_its_default|default.*(expected|instead of)|is left out.*default",
        "Give what is left out exactly the default that the plan states.",
        r"\bdefault\w*", together(r"defaults?", r"plan\w*|contract|specif\w+|schema|stated?s?|documented|agreed|says?"),
    ),
    Lesson(
        "forgotten_rule",
        r"business rule|test_(?!creating_with|changing_to|reading|a_page|an_id)\w+ failed.*answered 20\d instead of (409|422)",
        "Ask every business rule of the plan before a row is created or changed, and refuse what breaks it.",
        r"\brules?\b|\binvariants?\b",
        together(
            r"business rules?|rules? of the plan|(?:every|each|all) (?:the )?rules?|invariants?|planned rules?",
            r"creat\w+|stor\w+|sav\w+|chang\w+|writ\w+|insert\w*|updat\w+|operation",
            r"check\w*|enforce\w*|ask\w*|apply|applies|call\w*|verif\w+|hold\w*|refuse",
        ),
    ),
    Lesson(
        "unchecked_reference", r"with an id that does not exist|409 instead of 422",
        "Look whether the row that a reference names is there before storing it, and answer 422 when it is not.",
        r"\b(?:referenc|foreign|related|parent|refer)\w*",
        together(
            r"referenc\w*|foreign keys?|refers?|related|parent|other row", r"exist\w*|there|present|known",
            r"check\w*|verif\w+|look\w*|validat\w*|422|make sure|ensure|confirm\w*",
        ),
        r"\b(?:leave|let|trust)\b.*\b(?:referenc\w*|foreign keys?)\b.*\b(?:database|client)\b",
        rf"{_NOT}\b(?:check|look)\w*\b.*\breferenc",
    ),
    Lesson(
        "unknown_fields", r"unknown[ _]field|no_such_field|additional ?propert",
        "Refuse with 422 a body that has fields the contract does not know.",
        r"\b(?:field|propert|key|member|attribute)\w*|\b422\b|\bfields",
        together(
            r"unknown|extra|additional|undeclared|unexpected|not know|not in the contract",
            r"(?:field|propert|key|member|attribute)\w*", _REJECTED,
        ),
        r"\b(?:ignore|accept|tolerate|drop|allow)\b.*\b(?:unknown|extra|additional|unexpected)\b.*\b(?:field|propert|key|member)",
    ),
    Lesson(
        "sql_by_string", r"sql injection|sql.{0,40}string|string.{0,40}\bsql\b|\b[BS]608\b",
        "Build statements from expressions and bound parameters; never put what a user typed into the text of SQL.",
        r"",
        together(
            r"sql|quer(?:y|ies)|statements?|search\w*",
            r"bound|bind\w*|parameter\w*|placeholders?|never.*(?:string|text|concatenat\w+|format\w*|interpolat\w+)"
            r"|(?:do not|avoid).*(?:string|text|concatenat\w+|format\w*|interpolat\w+)",
        ),
        r"\b(?:write|build|compose|put)\b.*\bsql\b.*\b(?:strings?|f-strings?|by hand|text)\b",
    ),
    Lesson(
        "n_plus_one", r"n\s?\+\s?1\b|quer(y|ies) (per|for each|for every) row",
        "Load what the rows of a list need together with the rows; never send a query for each row.",
        r"",
        r"eager\w*|together with (?:the|its|their) rows?|n\s?\+\s?1|(?:same|constant) number of queries"
        r"|\b(?:never|not|no|avoid|without)\b.*\bquer(?:y|ies) (?:per|for each|for every|in a loop)"
        r"|\b(?:one|two|single) quer(?:y|ies)\b.*\b(?:list|page|all|whatever)",
        r"\b(?:send|run|use|make|issue|load)\b[^.;]*\b(?:quer(?:y|ies)|select) (?:per|for each|for every)|\blazy\b|\blazily\b",
    ),
    Lesson(
        "unbounded_list", r"limit=1 gave|list is not limited|unbounded|whole table",
        "Limit every list to the page that was asked for.",
        r"\b(?:limit|bound|page|paginat)\w*",
        together(
            r"lists?|listing|quer(?:y|ies)|collections?|results?",
            r"limit\w*|bound\w*|pages|page by page|page that was asked for|paginat\w+",
        ),
        r"\b(?:all|every|whole)\b.*\b(?:rows?|list|table|everything)\b.*\bat once|\blists?\b.*\bwithout (?:a )?(?:limit|pages?)",
        rf"{_NOT}\b(?:limit|bound|paginat\w+)\b",
    ),
    Lesson(
        "secret_in_code", r"hard-?coded|secret.*(code|setting)|\b[BS]10[567]\b",
        "Read keys and passwords from the settings; never write one into the code.",
        r"",
        together(
            r"secrets?|keys?|passwords?|credentials?|tokens?",
            r"settings?|environment|configur\w+|never.*\bcode|not.*\bcode|avoid.*\bcode",
        ),
        r"\b(?:put|write|keep|store|place|hold)\b.*\b(?:keys?|secrets?|passwords?)\b.*\b(?:in|into)\b.*\b(?:code|source|module|constant)\b",
    ),
    Lesson(
        "lost_filter", r"gives a row with|filtered_by",
        "Apply every filter that a list documents.",
        r"\bfilter\w*", together(r"filter\w*", r"appl\w+|every|each|implement\w*|honou?r\w*|all"),
        r"\bignore\b.*\bfilter|\bfilter\w*\b.*\b(?:by the client|in the client|in the browser|client-side)",
        rf"{_NOT}\bfilter",
    ),
    Lesson(
        "wrong_total", r"`total`|total (is|of|counts)|cut_into_pages",
        "Count for the total of a list every row that matches, not those of one page.",
        r"\b(?:total|count)\w*",
        together(r"totals?|counts?|counting", r"all|every|whole|match\w*|before", r"rows?|match\w*|lists?|results?|pages?"),
        r"\b(?:total|count)\b.*\b(?:length of|size of|as many as) the page",
    ),
    Lesson(
        "ignored_sort", r"sort=-\w+ does not sort|sorted_both_ways",
        "Sort a list in the direction that was asked for, upwards and downwards.",
        r"\b(?:sort|order)\w*",
        together(r"sort\w*|ordered|ordering|orders|order by", r"directions?|descend\w*|downwards?|both ways|minus|revers\w+"),
        r"\b(?:always|only)\b.*\b(?:ascend\w*|upwards?)\b",
    ),
    Lesson(
        "boundless_page", r"limit=101|page_beyond",
        "Refuse with 422 a page that is larger than the contract allows.",
        r"\b(?:limit|page|size)\w*",
        together(
            r"limits?|page|pages|page size", r"maximum|at most|upper bound|cap\w*|above|greater|beyond|larg\w+|bounds?",
            r"refus\w*|reject\w*|422|enforce\w*|declare\w*|cap\w*|contract",
        ),
        r"\bpages?\b.*\b(?:of any size|as large as)|\bany\b.*\b(?:limit|page size)\b",
    ),
    Lesson(
        "open_origins", r"configured_origins|allow-origin|\bCORS\b|any origin",
        "Let only the configured origins read answers from other sites.",
        r"",
        together(r"origins?|cors|cross-site|other sites", r"only|configur\w+|settings?|listed|never|restrict\w*|allow-?list\w*"),
        r"\b(?:allow|open|permit|accept|let)\b.*\b(?:every|all|any|wildcard|star)\b.*\borigins?",
    ),
)  # fmt: skip
