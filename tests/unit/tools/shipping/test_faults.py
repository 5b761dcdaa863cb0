"""Faults in how an application is shipped: each is found, at its file and line, by the checkers that people use."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.findings import CheckStatus, Finding
from core.ownership import ShippedBy
from core.plan import Plan
from core.types import AgentName
from tests.plans import booking_plan
from tests.unit.tools.shipping_apps import Planted, application
from tests.workflows.checking import local_sandbox
from tools.checks.devops import check_devops
from tools.routing import assign_owners

CI, DEPLOY, GITLAB, BITBUCKET = (
    ".github/workflows/ci.yml", ".github/workflows/deploy.yml", ".gitlab-ci.yml", "bitbucket-pipelines.yml",
)  # fmt: skip
RUN = "deploy/cloudrun.yaml"
SECRET = "0123456789abcdef" * 2
TOKEN = f"              value: x\n            - name: API_TOKEN\n              value: {SECRET}"
GITHUB_FAULTS = {
    "a wrong key of compose": Planted(
        "compose.yaml", "restart:", "restrat:", "'restrat' was unexpected", line="restrat:"
    ),
    "a file that is no YAML": Planted("compose.yaml", "services:", "services: [", "cannot be read"),
    "a port that the image does not expose": Planted(
        "compose.yaml", ':8000"', ':8001"', "publishes port 8001", line="8001"
    ),
    "a secret in compose": Planted(
        "compose.yaml",
        "${SECRET_KEY:?set SECRET_KEY in .env, see .env.example}",
        SECRET,
        "SECRET_KEY has its value",
        line="SECRET_KEY:",
    ),
    "a wrong key of a workflow": Planted(
        CI, "timeout-minutes:", "timeout-minuts:", "'timeout-minuts'", line="timeout-minuts"
    ),
    "an unknown name in an expression": Planted(
        CI, "github.ref }}", "github.reff }}", '"reff" is not defined', line="reff"
    ),
    "a job that is not there": Planted(
        CI, "needs: [backend, frontend]", "needs: [backend, fronted]", '"fronted" which does not'
    ),
    "an action that no runner has any more": Planted(CI, "checkout@v6", "checkout@v4", "node20", line="checkout@v4"),
    "an action without a version": Planted(CI, "actions/checkout@v6", "actions/checkout@main", "checkout@main moves"),
    "a folder that is not there": Planted(CI, "working-directory: backend", "working-directory: bckend", "`bckend`"),
    "a script that is not there": Planted(
        CI, "- run: pytest\n", "- run: ./scripts/test.sh\n", "uses `backend/scripts/test.sh`", line="scripts/test.sh"
    ),
    "a script that package.json does not have": Planted(CI, "npm run check", "npm run chekc", "`chekc`", line="chekc"),
    "a deployment script that is not there": Planted(
        DEPLOY, "deploy/deploy.sh", "deploy/ship.sh", "deploy/ship.sh", line="ship"
    ),
    "a key to sign in with": Planted(
        DEPLOY,
        "workload_identity_provider: ${{ vars.GCP_WORKLOAD_IDENTITY_PROVIDER }}",
        "credentials_json: ${{ secrets.K }}",
        "A key signs in",
        line="credentials_json",
    ),
    "a wrong key of Cloud Run": Planted(
        RUN, "startupProbe", "startProbe", "'startProbe' was unexpected", line="startProbe"
    ),
    "a number where Cloud Run wants text": Planted(RUN, 'cpu: "1"', "cpu: 1", "not of type 'string'", line="cpu: 1"),
    "a port of Cloud Run that the image does not expose": Planted(
        RUN, "containerPort: 8000", "containerPort: 9000", "containerPort is 9000", line="9000"
    ),
    "a secret in the service": Planted(
        RUN,
        "              value: sqlite:////data/app.db",
        TOKEN,
        "API_TOKEN has its value",
        line="API_TOKEN",
    ),
    "a setting that is not listed": Planted(".env.example", "CORS_ORIGINS=\n", "", "does not list CORS_ORIGINS"),
    "a setting of the code that is not listed": Planted(
        "backend/app/config.py",
        '    cors_origins: str = ""',
        '    cors_origins: str = ""\n    page_size: int = 20',
        "does not list PAGE_SIZE, which backend/app/config.py:",
        ".env.example",
    ),
    "a setting that nothing reads": Planted(
        ".env.example", "CORS_ORIGINS=\n", "CORS_ORIGINS=\nDEBUG=\n", "DEBUG", line="DEBUG="
    ),
    "a real secret as an example": Planted(
        ".env.example", "SECRET_KEY=\n", f"SECRET_KEY={SECRET}\n", "a real secret", line=SECRET
    ),
    "a command of the README that is not there": Planted(
        "README.md", "npm run dev ", "npm run devel ", "`devel`", line="devel"
    ),
    "a file of the README that is not there": Planted(
        "README.md", "`contract/openapi.json`", "`contract/api.json`", "contract/api.json", line="api.json"
    ),
    "a container that runs as root": Planted("Dockerfile", "USER 10001", "USER root", "runs as root", line="USER root"),
    "the latest image": Planted(
        "Dockerfile",
        "FROM python:3.11.14-slim-bookworm AS",
        "FROM python:latest AS",
        "is `latest`",
        line="python:latest",
    ),
    "a secret in the image": Planted(
        "Dockerfile", "PORT=8000", f"PORT=8000 API_TOKEN={SECRET}", "puts a secret", line="ENV"
    ),
    "no health check": Planted("Dockerfile", "HEALTHCHECK", "LABEL a=b #", "no HEALTHCHECK"),
    "a copy of what is not there": Planted(
        "Dockerfile", "COPY backend/ ", "COPY backnd/ ", "copies `backnd/`", line="backnd"
    ),
}
OTHER_FAULTS: dict[str, tuple[ShippedBy, Planted]] = {
    "a wrong key of a job": (
        "gitlab",
        Planted(GITLAB, "artifacts:", "artefacts:", "'artefacts' was unexpected", line="artefacts"),
    ),
    "a text where GitLab wants a list": (
        "gitlab",
        Planted(GITLAB, "paths: [frontend/dist]", "paths: frontend/dist", "not of type 'array'", line="paths:"),
    ),
    "a script that package.json does not have": (
        "gitlab",
        Planted(GITLAB, "npm run check", "npm run chekc", "`chekc`", line="chekc"),
    ),
    "an image without a version": (
        "gitlab",
        Planted(
            GITLAB,
            "image: python:3.11.14-slim-bookworm",
            "image: python:latest",
            "has no version",
            line="python:latest",
        ),
    ),
    "a wrong key of a step": (
        "bitbucket",
        Planted(BITBUCKET, "max-time:", "max-tim:", "no member `max-tim`", line="max-tim"),
    ),
    "an unknown trigger": (
        "bitbucket",
        Planted(BITBUCKET, "trigger: manual", "trigger: manul", "'manul' is not one of", line="manul"),
    ),
    "a deployment script that is not there": (
        "bitbucket",
        Planted(BITBUCKET, "sh deploy/deploy.sh", "sh deploy/ship.sh", "deploy/ship.sh", line="ship.sh"),
    ),
}


ALONE = ("a file that is no YAML", "a folder that is not there")
"""What hides others behind it."""
TOGETHER = 3
"""Applications in which the rest is planted."""


@dataclass(frozen=True)
class Checked:
    """What was said of an application with one fault or several."""

    plan: Plan
    files: Mapping[str, str]
    findings: Sequence[Finding]


def groups() -> list[tuple[ShippedBy, list[Planted]]]:
    together = [fault for name, fault in GITHUB_FAULTS.items() if name not in ALONE]
    planted: list[tuple[ShippedBy, list[Planted]]] = [("github", together[n::TOGETHER]) for n in range(TOGETHER)]
    planted += [("github", [GITHUB_FAULTS[name]]) for name in ALONE]
    return planted + [(host, [fault]) for host, fault in OTHER_FAULTS.values()]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Planted, Checked]:
    """By fault: the application that it is in, each checked once."""
    return asyncio.run(check_all(tmp_path_factory.mktemp("sandbox")))


async def check_all(folder: Path) -> Mapping[Planted, Checked]:
    found: dict[Planted, Checked] = {}
    async with local_sandbox(folder) as sandbox:
        for host, faults in groups():
            plan = booking_plan().shipped_by(host)
            files = application(plan)
            for fault in faults:
                files = fault.plant(files)
            result = await check_devops(sandbox, "devops", files)
            found |= dict.fromkeys(faults, Checked(plan, files, result.findings))
    return found


def check_fault(checked: Checked, fault: Planted) -> None:
    found = [finding for finding in checked.findings if fault.says in finding.message]
    assert found, [finding.message for finding in checked.findings]
    assert found[0].file == (fault.found_in or fault.path)
    if fault.line:
        assert found[0].line is not None
        assert fault.line in checked.files[found[0].file].splitlines()[found[0].line - 1]
    assert assign_owners(checked.plan, found)[0].owner is AgentName.DEVOPS


@pytest.mark.sandbox
@pytest.mark.toolchain
@pytest.mark.parametrize("name", GITHUB_FAULTS)
def test_a_fault_is_found_where_it_is(checked: Mapping[Planted, Checked], name: str) -> None:
    check_fault(checked[GITHUB_FAULTS[name]], GITHUB_FAULTS[name])


@pytest.mark.sandbox
@pytest.mark.toolchain
@pytest.mark.parametrize("name", OTHER_FAULTS)
def test_a_fault_in_the_ci_of_another_host_is_found_where_it_is(checked: Mapping[Planted, Checked], name: str) -> None:
    _, fault = OTHER_FAULTS[name]
    check_fault(checked[fault], fault)


@pytest.mark.sandbox
@pytest.mark.toolchain
@pytest.mark.parametrize("host", ["github", "gitlab", "bitbucket"])
async def test_what_the_offline_model_ships_has_none(tmp_path: Path, host: ShippedBy) -> None:
    async with local_sandbox(tmp_path) as sandbox:
        result = await check_devops(sandbox, "devops", application(booking_plan().shipped_by(host)))
    assert [finding.message for finding in result.findings] == []
    assert result.status is CheckStatus.PASSED
    assert {"github": CI, "gitlab": GITLAB, "bitbucket": BITBUCKET}[host] in result.detail


@pytest.mark.sandbox
@pytest.mark.toolchain
async def test_what_others_are_still_writing_is_not_missed(tmp_path: Path) -> None:
    files = {path: text for path, text in application(booking_plan()).items() if not path.startswith("e2e/")}
    async with local_sandbox(tmp_path) as sandbox:
        missed = await check_devops(sandbox, "devops", files)
        expected = await check_devops(sandbox, "devops", files, expected=["e2e/**"])
    assert {finding.message.split()[0] for finding in missed.findings} == {CI, "README.md"}
    assert expected.status is CheckStatus.PASSED


@pytest.mark.sandbox
@pytest.mark.toolchain
async def test_a_sentence_of_the_readme_may_say_where_its_commands_are_run(tmp_path: Path) -> None:
    files = application(booking_plan())
    said = (
        "Without Docker, in `backend/`:\n\n    pip install -r {}\n    alembic upgrade head\n    uvicorn app.main:app\n"
    )
    async with local_sandbox(tmp_path) as sandbox:
        results = [
            await check_devops(sandbox, "devops", {**files, "README.md": f"# A\n\n{said.format(name)}"})
            for name in ("requirements.txt", "required.txt")
        ]
    assert [[finding.line for finding in result.findings] for result in results] == [[], [5]]
