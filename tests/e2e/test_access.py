"""Keys and roles from the terminal: made on the machine itself, then used against the running service."""

import json
from pathlib import Path

import pytest

from tests.e2e.processes import run_command, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_keys_are_made_without_a_service_and_asked_for_by_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    refused = run_command(data, "keys", "create", "vera", "--role", "viewer")
    assert refused.returncode == 1
    assert "admin first" in refused.stderr
    made = run_command(data, "keys", "create", "ada", "--role", "admin", "--json")
    assert made.returncode == 0, made.stderr
    admin = json.loads(made.stdout)["secret"]
    assert admin not in made.stderr
    with running_server(data) as server:
        assert server.http.get("/tasks").status_code == 401
        without = run_command(data, "tasks")
        assert without.returncode == 4
        viewer = run_command(data, "keys", "create", "vera", "--role", "viewer", API_KEY=admin)
        key = viewer.stdout.splitlines()[0]
        assert server.http.get("/tasks", headers={"X-API-Key": key}).status_code == 200
        assert run_command(data, "cancel", "unknown", API_KEY=key).returncode == 4
        listed = run_command(data, "keys", "list", API_KEY=admin).stdout
        assert key not in listed
        key_id = next(line.split()[0] for line in listed.splitlines() if line.endswith("vera"))
        assert "revoked" in run_command(data, "keys", "revoke", key_id, API_KEY=admin).stdout
        assert server.http.get("/tasks", headers={"X-API-Key": key}).status_code == 401
        audit = run_command(data, "audit", "--limit", "5", API_KEY=admin).stdout
        assert "ada (admin)  cli  DELETE /keys/{key_id}" in audit
    listed = run_command(data, "keys", "list").stdout
    assert "ada" in listed


def test_a_service_for_other_machines_is_content_with_named_keys(tmp_path: Path) -> None:
    data = tmp_path / "data"
    refused = run_command(data, "serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 4
    assert "autonomy keys" in refused.stderr
    assert run_command(data, "keys", "create", "ada", "--role", "admin").returncode == 0
    with running_server(data, API_HOST="0.0.0.0") as server:
        assert server.http.get("/tasks").status_code == 401


def test_a_demo_needs_a_service_that_stays(tmp_path: Path) -> None:
    alone = run_command(tmp_path / "data", "demo", "any")
    assert alone.returncode != 0
    assert "autonomy serve" in alone.stderr
