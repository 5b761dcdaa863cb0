"""The generated frontend of a plan, as the checks of frontends take it."""

import json
from dataclasses import replace

from core.plan import Plan
from core.ports import SandboxProvider
from core.standard.document import openapi
from tests.generated import browser_tests, frontend_files, frontend_tests
from tools.boxes import Subject
from tools.checks import frontend


async def subject_of(sandbox: SandboxProvider, plan: Plan) -> Subject:
    """The frontend of a plan with its tests and the types of its contract."""
    contract = openapi(plan)
    files = {
        **frontend_files(plan),
        **frontend_tests(plan),
        **browser_tests(plan),
        "contract/openapi.json": json.dumps(contract),
    }
    subject = Subject(sandbox, "frontend", plan, contract, files)
    return replace(subject, files={**files, **await frontend.with_types(subject)})
