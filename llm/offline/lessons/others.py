"""Lessons of the agents that write the database, the frontend, the tests and the image."""

from llm.offline.lessons.lesson import Lesson, together

_NOT = r"\b(?:never|no need to|no need for|do not|don't|skip|leave out|omit|avoid)\b[^.;,:]*"
DATABASE: tuple[Lesson, ...] = (
    Lesson(
        "failing_migration", r"no such column|no column named|alembic|migration.*(fail|does not run)",
        "Name in a migration only tables and columns that exist by then, so that it runs on an empty database.",
        r"\bmigration\w*",
        together(r"migrations?", r"runs?|running|exist\w*|are there|tried|try|empty database|execut\w*"),
    ),
    Lesson(
        "forgotten_index", r"\badd index\b|has no index",
        "Create in the migration every index that the models declare, one for each foreign key.",
        r"\bindex(?:es)?\b",
        together(r"index(?:es)?", r"foreign keys?|migrations?|declar\w+|look\w*|referenc\w*"),
        r"",
        rf"{_NOT}\bindex",
    ),
    Lesson(
        "lost_column", r"\badd column\b",
        "Give every field of a model its column in the migration.",
        r"\bcolumns?\b",
        together(r"columns?", r"every|each|all|missing|forget\w*|same", r"migrations?|models?"),
    ),
    Lesson(
        "nullable_column", r"modify nullable",
        "Let a column of the migration be nullable only where the model says so.",
        r"",
        together(
            r"nullable|null|not null", r"columns?|migrations?|fields?",
            r"only|same|as|match\w*|never|agree\w*|exactly|like",
        ),
        r"^(?!.*\b(?:only|where|unless)\b).*\b(?:make|let|keep|declare)\b.*\b(?:columns?|fields?)\b.*\bnullable",
    ),
    Lesson(
        "missing_unique", r"\badd constraint\b|unique constraint",
        "Put every unique constraint of the models into the migration, too.",
        r"\buniqu\w*",
        together(r"uniqu\w*", r"constraints?|migrations?|database|index"),
        r"\buniqu\w*\b.*\b(?:in|by) the (?:code|service|application)\b",
        rf"{_NOT}\bunique constraint",
    ),
    Lesson(
        "half_downgrade", r"\bdowngrade\b.*leaves",
        "Undo in a downgrade everything that its upgrade made, in the reverse order.",
        r"\b(?:downgrade|undo|undone|revers|going back|roll)\w*",
        together(
            r"downgrades?|undo\w*|undone|going back|reversible|roll\w* back",
            r"every\w*|all|each|whole|complete\w*|tables?",
        ),
        r"\bdowngrades?\b.*\b(?:empty|unused|half|for later)\b",
        rf"{_NOT}\bdowngrade",
    ),
)  # fmt: skip
FRONTEND: tuple[Lesson, ...] = (
    Lesson(
        "typescript_error", r"\bTS\d{4}\b|not assignable",
        "Give every value the type that is declared for it, so that the compiler has nothing to say.",
        r"\btypes?\b|\bcompil\w+",
        together(r"types?|typed|compil\w+", r"values?|variables?|constants?|declar\w+|typescript|assign\w*|compil\w*|checker"),
    ),
    Lesson(
        "unsaid_error", r'find role="alert"|what went wrong',
        "Show in words what went wrong, in an element that is announced as an alert.",
        r"\b(?:error|wrong|fail|problem|alert)\w*",
        together(
            r"errors?|wrong|fail\w*|problems?", r"show\w*|say|tell|display\w*|announce\w*|present|alert",
            r"users?|forms?|pages?|alert|people|element|words|screen",
        ),
        r"\b(?:hide|swallow|keep|log)\b.*\b(?:errors?|failures?|wrong)\b",
        rf"{_NOT}\b(?:errors?|went wrong)",
    ),
    Lesson(
        "unlabelled_field", r"label with the text|associated (to|with) (that|a) label",
        "Tie every label to its control, so that the control is found by its name.",
        r"\blabel\w*",
        together(
            r"label\w*", r"controls?|inputs?|fields?",
            r"tie|tied|connect\w*|associat\w*|bind|bound|link\w*|belong\w*|every|each",
        ),
        r"\bplaceholders?\b.*\b(?:instead of|rather than|not|in place of)\b.*\blabel|\bplaceholders?\b.*\benough",
    ),
    Lesson(
        "delete_unasked", r"after a confirmation failed|without (asking|a confirmation)",
        "Ask for a confirmation before anything is deleted.",
        r"\b(?:confirm|ask|dialog|question)\w*",
        together(r"confirm\w*|ask\w*|dialog|question", r"delet\w*|remov\w*|destroy\w*|gone"),
        r"\b(?:delete|remove)\b.*\b(?:at once|immediately|one click|first click)",
        rf"{_NOT}\b(?:ask|confirm)\w*|\bwithout (?:asking|a confirmation)",
    ),
    Lesson(
        "whole_row_sent", r"only the change is sent failed: (?:\w+: )?expected",
        "Send with a change only the fields that differ from what was loaded.",
        r"\bonly\b|\bnothing but\b",
        together(
            r"send\w*|sent|patch\w*|submit\w*|updates?", "only|nothing but",
            r"chang\w*|differ\w*|edited|modified|touched",
        ),
        r"\bsend\b.*\b(?:whole|every|all|complete)\b.*\b(?:row|fields?|form|record)\b",
    ),
    Lesson(
        "html_injection", r"dangerouslySetInnerHTML|innerHTML|as HTML",
        "Show what people wrote as text; never put it into the page as markup.",
        r"",
        together(
            r"text|content|wrote|written|typed|input|values?",
            r"never.*(?:html|markup)|not.*(?:html|markup)|avoid.*(?:html|markup)|escap\w*|as (?:plain )?text",
        ),
        r"\b(?:render|show|insert|put)\b.*\bas (?:html|markup)|\bas (?:html|markup)\b.*\bformatting",
    ),
)  # fmt: skip
QA: tuple[Lesson, ...] = (
    Lesson(
        "broken_test", r"expects 200|204 instead of 200|204 == 200",
        "Expect in tests the status that the contract promises, 204 for a deletion.",
        r"\b(?:test|expect|assert)\w*",
        together(
            r"(?:test|expect|assert)\w*", r"contract|promis\w*|documented|specif\w*|204",
            r"status\w*|answers?|codes?|delet\w*",
        ),
        r"\bexpect\w*\b.*\b200\b.*\bdelet|\bdelet\w*\b.*\bexpect\w*\b.*\b200\b",
    ),
    Lesson(
        "wrong_refusal", r"expects 400|422 instead of 400|422 == 400",
        "Expect in tests 422 where a body lacks a field or breaks a bound, as the contract says.",
        r"\b(?:test|expect|assert)\w*",
        together(
            r"(?:test|expect|assert)\w*", r"422|(?:status\w*|codes?)\b.*\b(?:contract|documented|promises|promised)",
            r"status\w*|bod(?:y|ies)|invalid|refus\w*|missing|codes?",
        ),
        r"\bexpect\w*\b.*\b400\b",
    ),
)  # fmt: skip
DEVOPS: tuple[Lesson, ...] = (
    Lesson(
        "root_image", r"runs as root",
        "Run the container as a user that is not root.",
        r"",
        together(
            r"root|users?|unprivileged", r"containers?|images?|process|stage",
            r"not|never|other than|unprivileged|non-root|without|dedicated",
        ),
        r"\bas root\b",
    ),
    Lesson(
        "unwatched_image", r"no HEALTHCHECK",
        "Give every image a health check that asks the application.",
        r"\bhealth\W?check\w*",
        together(r"health\W?check\w*", r"images?|containers?|application|stage|service"),
        r"",
        rf"{_NOT}\bhealth\W?check",
    ),
    Lesson(
        "moving_base", r"is `latest`|\bDL300[67]\b",
        "Name a fixed version of every base image.",
        r"\b(?:pin|fix|version|tag|digest)\w*",
        together(r"images?", r"pin|pinned|pins|fixed|versions?|tags?|digests?"),
        r"\b(?:use|take|track|follow)\b.*\blatest\b",
    ),
)  # fmt: skip
