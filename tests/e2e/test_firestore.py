"""The server as a process where identities are kept in a Firestore that is not there."""

from pathlib import Path

import pytest

from tests.e2e.processes import reserved_port, running_server

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("surroundings", ["nothing listens", "no credentials"])
def test_a_server_starts_without_firestore_and_says_what_is_wrong(tmp_path: Path, surroundings: str) -> None:
    """Without credentials the library looks for them in files that do not exist, and asks no network for any."""
    with reserved_port() as port:
        changes = {
            "nothing listens": {"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{port}"},
            "no credentials": {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "none.json")},
        }[surroundings]
        with running_server(tmp_path / "data", GCP_PROJECT_ID="demo-autonomy", **changes) as server:
            assert server.http.get("/health").json()["status"] == "ok"
            answer = server.http.get("/agents")
    assert answer.status_code == 503
    assert "Firestore (project demo-autonomy, collection agents)" in answer.json()["detail"]
    remedy = {"nothing listens": "FIRESTORE_EMULATOR_HOST", "no credentials": "gcloud auth application-default login"}
    assert remedy[surroundings] in answer.json()["detail"]
