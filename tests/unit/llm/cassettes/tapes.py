"""A recorder and a player over a folder, with a scripted model in between."""

from pathlib import Path

from core.ports import ModelClient
from core.redaction import Redactor
from llm.cassettes.player import CassettePlayer, Cassettes
from llm.cassettes.recorder import CassetteRecorder, Recording
from llm.parameters import Parameters
from tests.unit.llm.scripted import ScriptedClient


def recorder(
    inner: ModelClient, folder: Path, secrets: tuple[str, ...] = (), parameters: Parameters | None = None
) -> CassetteRecorder:
    """Records into `folder`."""
    return CassetteRecorder(inner, Recording.open(folder), Cassettes(Redactor(secrets)), parameters or Parameters())


def player(secrets: tuple[str, ...] = (), inner: ModelClient | None = None) -> CassettePlayer:
    """Replays whatever a request's model names; others are answered by `inner`."""
    return CassettePlayer(inner or ScriptedClient("not from a cassette"), Cassettes(Redactor(secrets)))


def all_text(folder: Path) -> str:
    """Everything that a cassette holds."""
    return "".join(path.read_bytes().decode() for path in sorted(folder.rglob("*")) if path.is_file())
