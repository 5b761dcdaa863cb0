"""Mistakes of frontend_agent."""

import re

from core.plan import Plan
from core.types import AgentName
from llm.offline.faults.fault import Fault, Files, fault_of, replaced

_COMPONENTS = "frontend/src/components"


def _typescript_error(files: Files, plan: Plan) -> Files | None:
    """A page size is kept as text where a number is asked for."""
    source = sorted(path for path in files if path.startswith("frontend/src/") and path.endswith("List.tsx"))
    if not source:
        return None
    return {**files, source[0]: files[source[0]].rstrip("\n") + '\n\nexport const visibleRows: number = "20";\n'}


def _unsaid_error(files: Files, plan: Plan) -> Files | None:
    """A form keeps to itself what went wrong."""
    return replaced(
        files, f"{_COMPONENTS}/Form.tsx", ('import { ErrorMessage } from "./ErrorMessage";\n', ""),
        ("      {error !== undefined && <ErrorMessage error={error} />}\n", ""),
    )  # fmt: skip


def _unlabelled_field(files: Files, plan: Plan) -> Files | None:
    """The words stand beside the control, and nothing says that they are its label."""
    return replaced(
        files, f"{_COMPONENTS}/fields.tsx", ("<label htmlFor={id}>{label}</label>", "<label>{label}</label>")
    )


def _delete_unasked(files: Files, plan: Plan) -> Files | None:
    """One click, and the row is gone."""
    asks, does = "onClick={() => setDoomed(row)}", "onClick={() => void onDelete(row)}"
    return replaced(files, f"{_COMPONENTS}/ListPage.tsx", (asks, does))


def _whole_row_sent(files: Files, plan: Plan) -> Files | None:
    """A change sends every field, and undoes what somebody else changed meanwhile."""
    differs = "if (JSON.stringify(values[key]) !== JSON.stringify(row[key])) {"
    return replaced(files, f"{_COMPONENTS}/readForm.ts", (differs, "if (key in row) {"))


def _html_injection(files: Files, plan: Plan) -> Files | None:
    """Text of people is put into the page as markup."""
    for path in sorted(files):
        if path.startswith("frontend/src/pages/") and path.endswith("Detail.tsx"):
            shown = re.search(r"<dd>\{(row\.(\w+))\}</dd>", files[path])
            if shown is not None and _is_text(plan, shown[2]):
                return replaced(files, path, (shown[0], f"<dd dangerouslySetInnerHTML={{{{ __html: {shown[1]} }}}} />"))
    return None


def _is_text(plan: Plan, name: str) -> bool:
    """True when it is never anything but text, and never left out."""
    fields = [field for entity in plan.entities for field in entity.fields if field.name == name]
    return bool(fields) and all(field.type in ("string", "text") and field.required for field in fields)


_FRONTEND = AgentName.FRONTEND
FAULTS: tuple[Fault, ...] = (
    fault_of(_FRONTEND, _typescript_error, r"\bTS\d{4}\b|not assignable"),
    fault_of(_FRONTEND, _unsaid_error, r'find role="alert"|what went wrong'),
    fault_of(_FRONTEND, _unlabelled_field, r"label with the text|associated (to|with) (that|a) label"),
    fault_of(_FRONTEND, _delete_unasked, r"after a confirmation|without (asking|a confirmation)"),
    fault_of(_FRONTEND, _whole_row_sent, r"only the change is sent failed: (?:\w+: )?expected"),
    fault_of(_FRONTEND, _html_injection, r"dangerouslySetInnerHTML|innerHTML|as HTML"),
)
"""In the order in which they are made."""
