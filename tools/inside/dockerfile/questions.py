"""What a container that runs is asked: on the port that the image exposes, what the contract, Cloud Run and people ask."""

import json
import re
import urllib.error
import urllib.request
from typing import Any

from ..box import Report
from .build import Image
from .notes import BOX

_PROBE = re.compile(r"httpGet:\s*\n\s*path:\s*(/\S*)")


class Questions:
    """`line` is that of the image's command, `output` what the container has printed."""

    def __init__(self, image: Image, report: Report, line: int, output: str) -> None:
        self._image = image
        self._report = report
        self._line = line
        self._output = output
        self.remarks: list[str] = []

    def ask(self, found: dict[int, bool]) -> None:
        """`found` are the ports that are listened on, and whether they are open beyond loopback."""
        port = self._port(found)
        if port is not None:
            self._answers_probes(port)
            self._answers_the_contract(port)
            self._serves_the_frontend(port)

    def _port(self, found: dict[int, bool]) -> int | None:
        """The port to ask on; what is wrong with it is noted."""
        exposed = dict(self._image.ports)
        if not found:
            self._wrong("The container listens on no port", self._line, self._output)
            return None
        port = next((one for one in exposed if one in found), None)
        if port is None:
            listens = ", ".join(map(str, found))
            line = next(iter(exposed.values()), self._line)
            says = f"EXPOSE says {', '.join(map(str, exposed))}" if exposed else "there is no EXPOSE"
            self._wrong(f"The container listens on port {listens}, but {says}", line)
            port = next(iter(found))
        if not found[port]:
            self._wrong(
                f"Port {port} is open on loopback alone, so nobody outside of the container reaches it", self._line
            )
        return port

    def _answers_probes(self, port: int) -> None:
        """What Cloud Run would ask, by the files of deploy/."""
        for path in sorted((*BOX.glob("deploy/*.yaml"), *BOX.glob("deploy/*.yml"))):
            for found in _PROBE.finditer(path.read_text()):
                status, _ = _get(port, found[1])
                if not 200 <= status < 400:
                    line = path.read_text()[: found.start(1)].count("\n") + 1
                    text = f"The probe asks for {found[1]}, which the container answers with {status or 'nothing'}"
                    self._report.add(text, path.relative_to(BOX).as_posix(), line, category="deploy")

    def _answers_the_contract(self, port: int) -> None:
        contract = json.loads((BOX / ".autonomy" / "contract.json").read_text())
        for path, operation in _plain_reads(contract):
            status, _ = _get(port, path)
            documented = set(operation.get("responses", {}))
            if {str(status), f"{status // 100}XX", "default"} & documented and status < 500:
                self.remarks.append(f"GET {path} answered {status}")
            else:
                text = (
                    f"In the container GET {path} answers {status or 'nothing'}, which the contract does not document"
                )
                self._wrong(text, self._line, self._output)
            return

    def _serves_the_frontend(self, port: int) -> None:
        folder = self._image.stage.env.get("FRONTEND_DIST")
        if not folder:
            return
        status, kind = _get(port, "/")
        if status != 200 or not kind.startswith("text/html"):
            where = "is not there" if not self._image.stage.real(folder).is_dir() else "is there"
            text = f"GET / answers {status or 'nothing'} instead of the frontend; FRONTEND_DIST={folder} {where} in the image"
            line = next((n for n, one in enumerate(self._lines, 1) if "FRONTEND_DIST" in one), self._line)
            self._wrong(text, line)
        else:
            self.remarks.append("GET / answered the frontend")

    @property
    def _lines(self) -> list[str]:
        return (BOX / self._image.path).read_text().splitlines()

    def _wrong(self, text: str, line: int, evidence: str = "") -> None:
        self._report.add(text, self._image.path, line, category="dockerfile", evidence=evidence)


def _plain_reads(contract: Any) -> list[tuple[str, Any]]:
    """Reads of the contract that need no parameter, those without a token first."""
    found = []
    for path, item in contract.get("paths", {}).items():
        operation = item.get("get") if isinstance(item, dict) else None
        if isinstance(operation, dict) and "{" not in path:
            needed = any(isinstance(one, dict) and one.get("required") for one in operation.get("parameters", []))
            if not needed and path != "/health":
                found.append((bool(operation.get("security")), path, operation))
    return [(path, operation) for _, path, operation in sorted(found, key=lambda one: one[:2])]


def _get(port: int, path: str) -> tuple[int, str]:
    """Status and content type; 0 where nothing answered."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:  # a fixed address
            return answer.status, answer.headers.get("Content-Type", "")
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Content-Type", "")
    except OSError:
        return 0, ""
