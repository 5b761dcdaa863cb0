"""Starts what the image would start, waits until it is healthy, and stops it when it has been asked its questions."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..box import SECRET, Report
from .blame import Blame
from .build import Image, lacks
from .instructions import Instruction, command
from .listening import listening
from .notes import BOX
from .questions import Questions
from .stage import Stage

START_S = 30.0
PATIENCE_S = 4.0
STOP_S = 10.0
EVERY_S = 0.1
AGAIN_S = 0.5
_VARIES = re.compile(r"INFO:\s+(?:Started|Finished|[\d.]+:\d+ - )")
_REQUIRED = re.compile(r"\$\{(\w+):?\?")


class Container:
    """The image's command as a process of this box, with the image's variables and those that a person has to give."""

    def __init__(self, image: Image, report: Report) -> None:
        self._image = image
        self._stage: Stage = image.stage
        self._report = report
        self._log = BOX / ".autonomy" / "image" / "container.log"
        self._before = listening()
        self.remarks: list[str] = []

    def check(self) -> None:
        argv = self._argv()
        if not argv:
            self._report.add("There is neither CMD nor ENTRYPOINT", self._image.path, 1, category="dockerfile")
            return
        self._translate_scripts()
        self._stage.lock()
        with self._started(argv) as server:
            if server is None or not self._becomes_healthy(server):
                return
            asked = Questions(self._image, self._report, self._start, self._output)
            asked.ask(self._ports())
            self.remarks += asked.remarks

    def _argv(self) -> list[str]:
        entry, cmd = self._image.settings.get("ENTRYPOINT"), self._image.settings.get("CMD")
        first = self._words(entry) if entry else []
        if entry is not None and entry.words is None:
            return first
        return [*first, *(self._words(cmd) if cmd else [])]

    def _words(self, step: Instruction) -> list[str]:
        if step.words is not None:
            return [self._stage.translate(word) for word in step.words]
        return [*self._stage.shell, self._stage.translate(step.text)]

    def _translate_scripts(self) -> None:
        """Shell scripts of the image speak of paths of the image too."""
        for folder, names, found in os.walk(self._stage.root):
            names[:] = [name for name in names if name not in ("site-packages", "node_modules")]
            for path in (Path(folder) / name for name in found):
                if path.is_file() and not path.is_symlink() and _is_script(path):
                    path.write_text(self._stage.translate(path.read_text()))

    @property
    def _environment(self) -> dict[str, str]:
        """The image's own variables, and what compose would not start without."""
        given = {"SECRET_KEY": SECRET}
        for name in ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"):
            if (BOX / name).is_file():
                given |= dict.fromkeys(_REQUIRED.findall((BOX / name).read_text()), SECRET)
        return {**given, **self._stage.environment(self._image.absent)}

    @contextmanager
    def _started(self, argv: list[str]) -> Iterator[subprocess.Popen[bytes] | None]:
        with self._log.open("wb") as log:
            try:
                server = subprocess.Popen(  # noqa: S603  # what the image starts, inside the sandbox
                    argv,
                    cwd=self._stage.real("."),
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                if lacked := lacks(argv[0], self._image.lacking):
                    self._report.skip(f"the container was not started: {lacked}")
                else:
                    self._wrong(f"The container cannot be started: {error.strerror}: {argv[0]}", self._start)
                yield None
                return
        try:
            yield server
        finally:
            self._stop(server)

    def _stop(self, server: "subprocess.Popen[bytes]") -> None:
        named = self._image.settings.get("STOPSIGNAL")
        number = signal.Signals.__members__.get(named.text if named else "SIGTERM", signal.SIGTERM)
        if server.poll() is None:
            server.send_signal(number)
            try:
                server.wait(STOP_S)
                left = "; the server did not get it, only its shell (start it with `exec`)" if self._ports() else ""
                self.remarks.append(f"stopped by {number.name}{left}")
            except subprocess.TimeoutExpired:
                self.remarks.append(f"not stopped {STOP_S:.0f} s after {number.name}")
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(STOP_S)

    def _becomes_healthy(self, server: "subprocess.Popen[bytes]") -> bool:
        probe, said = self._probe(), ""
        ends, began = time.monotonic() + START_S, 0.0
        while time.monotonic() < ends:
            if server.poll() is not None:
                self._ended(server.returncode)
                return False
            if not began and self._ports():
                began = time.monotonic()
            if began:
                healthy, said = self._healthy(probe)
                if healthy:
                    return True
                if time.monotonic() - began > PATIENCE_S:
                    break
            time.sleep(AGAIN_S if began else EVERY_S)
        if not began:
            self._wrong(f"The container listens on no port {START_S:.0f} s after its start", self._start, self._output)
        else:
            text = (
                f"The health check stays unhealthy: {said[-300:]} (port {', '.join(map(str, self._ports()))} is open)"
            )
            self._wrong(text, probe.line if probe else self._start, f"{said}\n{self._output}")
        return False

    def _probe(self) -> Instruction | None:
        """The HEALTHCHECK, without what stands before its command; None where there is none."""
        step = self._image.settings.get("HEALTHCHECK")
        if step is None or step.text.strip().upper() == "NONE":
            return None
        text, words = command(step.text.partition(" ")[2].strip())
        return Instruction(step.line, "HEALTHCHECK", text, step.flags, words)

    def _healthy(self, probe: Instruction | None) -> tuple[bool, str]:
        if probe is None:
            return True, ""
        try:
            done = subprocess.run(  # noqa: S603  # what the Dockerfile says, inside the sandbox
                self._words(probe), cwd=self._stage.real("."), env=self._environment, check=False,
                timeout=_seconds(probe.flags.get("timeout")), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False, "it did not answer in its time"
        except OSError as error:
            return False, f"{error.strerror}: {self._words(probe)[0]}"
        lines = done.stdout.decode(errors="replace").strip().splitlines()
        return done.returncode == 0, lines[-1] if lines else f"exit code {done.returncode}"

    def _ports(self) -> dict[int, bool]:
        return {port: open_ for port, open_ in listening().items() if port not in self._before}

    def _ended(self, code: int) -> None:
        user = self._image.settings.get("USER")
        if lacked := lacks(self._output, self._image.lacking):
            return self._report.skip(f"the container was not started: {lacked}")
        blame = Blame(self._stage, self._image.path, self._start, user.line if user else self._start).find(self._output)
        text = f"The container ended with exit code {code} before it was healthy: {blame.said}"
        if blame.not_executed:
            self._report.skip(blame.not_executed)
        else:
            self._report.add(text, blame.file, blame.line, category="dockerfile", evidence=self._output)
        return None

    def _wrong(self, text: str, line: int, evidence: str = "") -> None:
        shown = text.replace(str(self._stage.root), "")
        self._report.add(shown, self._image.path, line, category="dockerfile", evidence=evidence)

    @property
    def _start(self) -> int:
        steps = self._image.settings
        return next((steps[name].line for name in ("CMD", "ENTRYPOINT") if name in steps), 1)

    @property
    def _output(self) -> str:
        """The end of what was printed, without what differs from run to run: numbers of processes and of clients' ports."""
        text = self._log.read_bytes()[-8000:].decode(errors="replace") if self._log.exists() else ""
        lines = [line for line in text.splitlines() if not _VARIES.match(line)]
        return "\n".join(lines)[-4000:].replace(str(self._stage.root), "")


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.read(64)
    return path.suffix == ".sh" or re.match(rb"#!\s*(?:/usr)?/bin/(?:env )?(?:ba|da)?sh\b", first) is not None


def _seconds(text: str | None) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text or "")
    return max(float(found[1]) * {"ms": 0.001, "s": 1, "m": 60}[found[2]], 1.0) if found else 30.0
