"""For each kind of mistake: rules that keep from it, in words of their own, and rules that look alike and do not."""

from collections.abc import Mapping

from tests.unit.llm.offline.wordings_of_others import OTHERS, Wordings

WORDINGS: Mapping[str, Wordings] = {
    "missing_404": (
        (
            "Return 404 whenever the requested row does not exist.",
            "Before using a row that was looked up, make sure it exists; otherwise raise not found.",
            "A missing record is answered with 404, never with a crash.",
        ),
        (
            "Answer an empty object for unknown rows.",
            "Never answer 404 for a row that is missing.",
            "Answer 409 when a unique value exists already.",
        ),
    ),
    "wrong_status_code": (
        (
            "Creating a resource answers with status 201.",
            "Every POST that stores a new row must return 201, as the contract promises.",
            "Answer 201, not 200, when something is created.",
        ),
        (
            "Answer 200 when something is created.",
            "Do not answer 201 for new rows.",
            "Answer 204 when a row is deleted.",
        ),
    ),
    "renamed_field": (
        (
            "Use exactly the field names of the contract in every answer.",
            "Response properties must match the schema, spelled the same way.",
            "Keep the names of attributes the same as in the specification.",
        ),
        (
            "Answer fields in camel case, whatever the contract says about names.",
            "Give functions names that say what they do.",
            "Read the contract before starting.",
        ),
    ),
    "missing_authorization": (
        (
            "Check on every route that the caller is authenticated and owns the row.",
            "Filter rows by their owner, so that nobody reads the data of another account.",
            "Require a token for each operation that the contract secures, and answer 401 without it.",
        ),
        (
            "Do not ask for a token where rows are only read.",
            "Every account may read all rows; let everybody see the data.",
            "Limit the rows of a page to a hundred.",
        ),
    ),
    "broken_import": (
        (
            "Check that every module you import really exists.",
            "Verify import paths: a name that is not defined cannot be imported.",
            "Spell imported modules correctly.",
        ),
        (
            "Sort imports in three groups.",
            "Put every helper into a module of its own.",
            "Do not import what exists elsewhere.",
        ),
    ),
    "missing_validation": (
        (
            "Validate the length of every text field as the contract says.",
            "Enforce minimum and maximum of numbers in requests.",
            "Reject values beyond the declared bounds of a field with 422.",
        ),
        (
            "Accept values of any length; the database does not mind.",
            "Do not validate lengths of texts in bodies.",
            "Keep functions below a length of fifty lines.",
        ),
    ),
    "wrong_default": (
        (
            "Use the default values that the plan gives.",
            "Optional fields take their documented default when they are left out.",
            "Defaults must be the ones that the contract states.",
        ),
        (
            "Avoid mutable default arguments.",
            "Choose sensible defaults.",
            "Do not use the default of the plan; start with true.",
        ),
    ),
    "forgotten_rule": (
        (
            "Enforce every business rule before storing a new row.",
            "Call the check of each rule of the plan when rows are created and when they are updated.",
            "Business rules are to be verified on every operation that writes.",
        ),
        (
            "Write a docstring for every rule.",
            "Never check a business rule when a row is created.",
            "Keep to the naming rules of the house.",
        ),
    ),
    "unchecked_reference": (
        (
            "Verify that a referenced row exists before a foreign key is stored.",
            "When a body refers to another row, check that it is there and answer 422 if not.",
            "Make sure that the parent of a new row exists.",
        ),
        (
            "Leave foreign keys to the database, which refuses what does not exist.",
            "Do not check whether the target of a reference exists.",
            "Load referenced rows eagerly.",
        ),
    ),
    "unknown_fields": (
        (
            "Reject request bodies with extra fields.",
            "Forbid additional properties in every input.",
            "A body with an unexpected key is refused with 422.",
        ),
        (
            "Ignore unknown fields in requests.",
            "Accept additional properties, so that old clients keep working.",
            "Refuse texts that are too long with 422.",
        ),
    ),
    "sql_by_string": (
        (
            "Always use bound parameters in SQL.",
            "Never concatenate user input into SQL strings.",
            "Write queries with placeholders and pass the values as parameters.",
        ),
        (
            "Write searches as SQL text with an f-string; it is easier to read.",
            "Format SQL over several lines.",
            "Build queries as strings and log them.",
        ),
    ),
    "n_plus_one": (
        (
            "Use eager loading for whatever a list shows of related rows.",
            "Avoid N+1 queries.",
            "A list must take the same number of queries whatever the number of its rows.",
        ),
        (
            "Load related rows lazily, with a query for each row.",
            "Send one query per row to keep each simple.",
            "Avoid joins over more than three tables.",
        ),
    ),
    "unbounded_list": (
        (
            "Paginate every list.",
            "Apply limit and offset to each list query.",
            "Lists must be bounded by the requested limit.",
        ),
        (
            "Do not limit lists; clients want everything.",
            "Answer lists without a limit.",
            "Limit the length of titles.",
        ),
    ),
    "secret_in_code": (
        (
            "Take signing keys from the environment.",
            "Never hard-code a secret; secrets do not belong in code.",
            "Passwords and tokens come from settings only.",
        ),
        (
            "Put the signing key into the code so that it works everywhere.",
            "Keep secrets in a constant of the module.",
            "Sort dictionary keys before they are compared.",
        ),
    ),
    "lost_filter": (
        (
            "Implement every filter parameter of a list.",
            "Each documented filter must be applied to the statement.",
            "Apply all filters that were given before a page is taken.",
        ),
        (
            "Ignore filters; the client can leave out what it does not want.",
            "Never apply a filter twice.",
            "Name each parameter of a list in the documentation.",
        ),
    ),
    "wrong_total": (
        (
            "The total of a list counts all matching rows.",
            "Compute the count before limit and offset, over every row of the result.",
            "Total means the whole list and not the page.",
        ),
        (
            "The total is the length of the page, for all lists.",
            "Count the words of all descriptions.",
            "Round totals of amounts to cents.",
        ),
    ),
    "ignored_sort": (
        (
            "Support descending order when sorting.",
            "A minus before the name sorts in reverse.",
            "Sort both ways, as the parameter asks.",
        ),
        (
            "Always sort in ascending direction.",
            "Sort lists by their name.",
            "Put statements in the order in which they run.",
        ),
    ),
    "boundless_page": (
        (
            "Reject a limit above the maximum page size.",
            "Declare an upper bound for limit and answer 422 beyond it.",
            "Cap the page size at the maximum of the contract and enforce it.",
        ),
        (
            "Accept any limit that a client asks for.",
            "Pages may be as large as the client likes; the contract is a suggestion.",
            "Give every list a default page.",
        ),
    ),
    "open_origins": (
        (
            "Allow only configured origins in CORS.",
            "Take the allowed origins from the settings.",
            "Never allow a wildcard as origin.",
        ),
        (
            "Allow all origins, so that every client works.",
            "Permit any origin to call the API.",
            "Allow every method and header.",
        ),
    ),
    **OTHERS,
}
