"""Paths of an image as they are in the sandbox, and who may write where."""

import os
import stat
from pathlib import Path

import pytest

from tools.inside.dockerfile.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(0, "", tmp_path, "python:3.11-slim", users={"root": "0", "app": "10001"})
    made.learn("/srv/backend", "/data")
    (tmp_path / "usr/local/bin").mkdir(parents=True)
    (tmp_path / "usr/local/bin/start.sh").touch()
    return made


@pytest.mark.parametrize(
    "text",
    [
        "/bin/sh -c true", "curl http://127.0.0.1:8000/srv/backend", "https://host/data/x", "s/data/x/", "$HOME/data",
        "f'http://127.0.0.1:{port}/data'", "/srv", "/database", "cat /etc/passwd", "/tmp/x", "-I/usr/include",
    ],
)  # fmt: skip
def test_what_is_no_path_of_the_image_stays(stage: Stage, text: str) -> None:
    assert stage.translate(text) == text


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("/srv/backend/app.py", "{root}/srv/backend/app.py"),
        ("cd /data && ls", "cd {root}/data && ls"),
        ("sqlite:////data/app.db", "sqlite:////{inner}/data/app.db"),
        ("PATH=/data/bin:/usr/bin", "PATH={root}/data/bin:/usr/bin"),
        ("--dir=/data", "--dir={root}/data"),
        ('"/data"', '"{root}/data"'),
        ("/usr/local/bin/start.sh", "{root}/usr/local/bin/start.sh"),
    ],
)
def test_paths_of_the_image_are_those_of_the_stages_folder(stage: Stage, text: str, translated: str) -> None:
    assert stage.translate(text) == translated.format(root=stage.root, inner=str(stage.root).lstrip("/"))


def test_relative_paths_begin_in_the_working_folder(stage: Stage) -> None:
    stage.workdir = "/srv/backend"
    assert stage.real("app") == stage.root / "srv/backend/app"
    assert stage.real("../x") == stage.root / "srv/x"
    assert stage.real("/data") == stage.root / "data"


def test_what_the_final_user_does_not_own_is_locked(stage: Stage) -> None:
    for name in ("data/inner", "srv/backend", "open"):
        stage.real(f"/{name}").mkdir(parents=True)
    stage.real("/open").chmod(0o777)
    stage.own("app:app", ["/data"])
    stage.user = "app"
    stage.lock()
    writable = {
        path: bool(stat.S_IMODE(os.stat(stage.real(path)).st_mode) & stat.S_IWUSR)
        for path in ("/data", "/data/inner", "/srv/backend", "/open")
    }
    assert writable == {"/data": True, "/data/inner": True, "/srv/backend": False, "/open": True}


def test_root_may_write_everywhere(stage: Stage) -> None:
    stage.real("/srv").mkdir()
    stage.lock()
    assert stat.S_IMODE(os.stat(stage.real("/srv")).st_mode) & stat.S_IWUSR
