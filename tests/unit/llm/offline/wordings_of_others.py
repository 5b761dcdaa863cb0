"""The same of the mistakes of everybody but the backend agent."""

from collections.abc import Mapping

Wordings = tuple[tuple[str, str, str], tuple[str, str, str]]
"""Three that cover the kind, three that do not."""

OTHERS: Mapping[str, Wordings] = {
    "failing_migration": (
        (
            "Check that migrations run on an empty database.",
            "A migration may only use columns that exist.",
            "Try each migration before answering.",
        ),
        (
            "Keep a migration short.",
            "Write one migration for each table.",
            "Never try a migration; somebody else runs it.",
        ),
    ),
    "forgotten_index": (
        (
            "Add an index for every foreign key.",
            "Index each column that rows are looked up by.",
            "Migrations create the indexes that models declare.",
        ),
        (
            "Leave out indexes; they only make writing slower.",
            "Do not create an index for foreign keys.",
            "Start every index of an array at zero.",
        ),
    ),
    "lost_column": (
        (
            "The migration must create all columns of the models.",
            "Do not forget a column in a migration: each field of a model has one.",
            "Models and migrations have the same columns.",
        ),
        (
            "Order columns by name in the migration.",
            "Name columns in the singular.",
            "Every table has a primary key.",
        ),
    ),
    "nullable_column": (
        (
            "Declare columns as not null exactly as the model does.",
            "Nullable columns of a migration must match the model.",
            "A required column must never be nullable.",
        ),
        (
            "Make columns nullable to be on the safe side.",
            "Let all fields be nullable in the migration.",
            "Never leave a docstring empty.",
        ),
    ),
    "missing_unique": (
        (
            "Unique fields need a unique constraint.",
            "Let the database hold what must be unique.",
            "Create uniqueness constraints in the migration as the models have them.",
        ),
        (
            "Check for unique values in the service alone.",
            "Leave out unique constraints; the service looks first.",
            "Give every constraint a short name.",
        ),
    ),
    "half_downgrade": (
        (
            "A downgrade must drop every table that the upgrade created.",
            "Make migrations reversible as a whole.",
            "Undo all steps when going back.",
        ),
        (
            "Leave the downgrade empty; nobody goes back.",
            "Never undo everything in a downgrade.",
            "Drop every table before it is created.",
        ),
    ),
    "typescript_error": (
        (
            "Values must match their declared types.",
            "Make sure that what you write compiles in TypeScript without type errors.",
            "Assign to a variable only what its type allows.",
        ),
        (
            "Choose short names for variables.",
            "Export constants from one file.",
            "Never declare types of values.",
        ),
    ),
    "unsaid_error": (
        (
            "Show users an error message when a request fails.",
            "Every form displays what is wrong as an alert.",
            "Tell people on the page what the problem was.",
        ),
        (
            "Log errors to the console and show nothing on the page.",
            "Do not show errors of the server to people.",
            "Show a spinner on the page while it loads.",
        ),
    ),
    "unlabelled_field": (
        (
            "Every input needs a label of its own.",
            "Associate labels with their form controls.",
            "A label must be connected to the field it names.",
        ),
        (
            "Use placeholders instead of a label for every input.",
            "Write labels in sentence case.",
            "Never connect a label with more than one input.",
        ),
    ),
    "delete_unasked": (
        (
            "Confirm before deleting.",
            "Show a dialog that asks whether the row is really to be removed.",
            "Nothing may be deleted without a question first; ask for confirmation.",
        ),
        (
            "Delete at once; people dislike questions.",
            "Do not ask before a row is deleted.",
            "Ask for the name when a row is created.",
        ),
    ),
    "whole_row_sent": (
        (
            "Patch requests contain only modified fields.",
            "Submit only what was changed in the form.",
            "An update sends only the differing values.",
        ),
        (
            "Send the whole row with every change, only once.",
            "Send every field of the form that changed or not.",
            "Show only the fields that people may change.",
        ),
    ),
    "html_injection": (
        (
            "Render user content as plain text.",
            "Do not insert typed text as HTML.",
            "Escape values of users before they are shown.",
        ),
        (
            "Render what people wrote as HTML, so that its formatting is kept.",
            "Write semantic HTML.",
            "Show long text in full.",
        ),
    ),
    "broken_test": (
        (
            "Tests expect 204 after deleting a row.",
            "Assert the status codes that the contract promises.",
            "A test must expect the documented answer.",
        ),
        (
            "Expect 200 when a row is deleted.",
            "Test every operation twice.",
            "Never assert status codes of the contract.",
        ),
    ),
    "wrong_refusal": (
        (
            "Expect 422 for invalid bodies.",
            "Assert the status codes that the contract promises.",
            "Tests of missing fields expect 422.",
        ),
        (
            "Expect 400 in tests of missing fields.",
            "Test bodies with every field.",
            "Assert that 422 fields are shown.",
        ),
    ),
    "root_image": (
        (
            "Containers must not run as root.",
            "Create an unprivileged user in the image and switch to it.",
            "The process in the image runs under a dedicated user.",
        ),
        (
            "Run the container as root, so that every file can be written.",
            "Put the user interface into the image.",
            "Copy files into the root of the image.",
        ),
    ),
    "unwatched_image": (
        (
            "Add a healthcheck to the image.",
            "The container has a health check.",
            "Define a health-check for the service in its final stage.",
        ),
        (
            "Leave out the health check of the image; the platform asks by itself.",
            "Check the image for known problems.",
            "Keep the image healthy by updating it.",
        ),
    ),
    "moving_base": (
        (
            "Pin base images to a version.",
            "Images are named with a fixed tag.",
            "Never use latest: give every image a version.",
        ),
        (
            "Use the latest image, so that fixes arrive by themselves.",
            "Build the image in stages.",
            "Never pin the version of an image.",
        ),
    ),
}
