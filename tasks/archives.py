"""Archives as bytes: written part by part without going back, and read without trusting anything in them."""

import hashlib
import io
import json
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import IO

from pydantic import ValidationError

from core.errors import InvalidInput, Refused, TooLarge
from core.moving import (
    ARCHIVE_SCHEMA,
    KINDS,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    Kind,
    Manifest,
    Part,
)

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What zipfile raises for files that are damaged, encrypted or packed in ways that it does not know."""


class Outflow(io.RawIOBase):
    """A file that cannot be gone back in: `take` gives what was written since the last time."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # any buffer, as io says
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def entry(name: str, created_at: float) -> zipfile.ZipInfo:
    """For a file of an archive, to be packed."""
    info = zipfile.ZipInfo(name, max((1980, 1, 1, 0, 0, 0), time.gmtime(created_at)[:6]))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


class ArchiveWriter:
    """Each method returns the bytes that are ready by then; all of them in order are the archive."""

    def __init__(self, created_at: float) -> None:
        self._created_at = created_at
        self._out = Outflow()
        self._zip = zipfile.ZipFile(self._out, "w")
        self._parts: list[Part] = []
        self._numbers: Counter[Kind] = Counter()

    def add(self, kind: Kind, documents: Sequence[str]) -> bytes:
        """One part, a line for each JSON document. Raises TooLarge."""
        body = "".join(f"{document}\n" for document in documents).encode()
        if len(body) > MAX_PART_BYTES:
            raise TooLarge(
                f"{kind}: a page has {len(body):,} bytes, and {MAX_PART_BYTES:,} is the most of an archive's part"
            )
        self._numbers[kind] += 1
        name = f"{kind}/{self._numbers[kind]:06}.jsonl"
        digest = hashlib.sha256(body).hexdigest()
        self._parts.append(Part(name=name, kind=kind, lines=len(documents), bytes=len(body), sha256=digest))
        self._zip.writestr(entry(name, self._created_at), body)
        return self._out.take()

    def finish(self) -> bytes:
        """The manifest and the end."""
        counts = {kind: sum(part.lines for part in self._parts if part.kind == kind) for kind in KINDS}
        manifest = Manifest(created_at=self._created_at, counts=counts, parts=tuple(self._parts))
        self._zip.writestr(entry(MANIFEST, self._created_at), manifest.model_dump_json())
        self._zip.close()
        return self._out.take()


class ArchiveReader:
    """Raises InvalidInput (field `archive`) for whatever is wrong, Refused for an archive of a newer release.

    Nothing is unpacked to a disk, and never more than one part into memory.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise _wrong("is no archive of `export`, or was cut off") from error
        self.manifest = self._read_manifest()
        self._compare_names()

    def documents(self, part: Part) -> list[str]:
        """The lines of a part, its sum checked."""
        body = self._read(part.name, part.bytes)
        if len(body) != part.bytes or hashlib.sha256(body).hexdigest() != part.sha256:
            raise _wrong(f"{part.name} is not what the manifest says (SHA-256 differs)")
        try:
            lines = body.decode().split("\n")
        except UnicodeDecodeError as error:
            raise _wrong(f"{part.name} is no UTF-8") from error
        if lines.pop() or len(lines) != part.lines:
            raise _wrong(f"{part.name} does not have the {part.lines} lines that the manifest says")
        return lines

    def _read_manifest(self) -> Manifest:
        body = self._read(MANIFEST, MAX_MANIFEST_BYTES)
        if len(body) > MAX_MANIFEST_BYTES:
            raise _wrong(f"{MANIFEST} has more than {MAX_MANIFEST_BYTES:,} bytes")
        try:
            document = json.loads(body)
            schema = document.get("schema_version") if isinstance(document, dict) else None
            if isinstance(schema, int) and schema > ARCHIVE_SCHEMA:
                raise Refused(
                    f"the archive was written by a newer release (schema {schema}, this release knows {ARCHIVE_SCHEMA}); "
                    "import it there"
                )
            return Manifest.model_validate_json(body)
        except (ValueError, RecursionError) as error:
            raise _wrong(f"{MANIFEST} cannot be read: {fault(error)}") from error

    def _compare_names(self) -> None:
        """The manifest and the archive name the same files, each once."""
        names = Counter(info.filename for info in self._zip.infolist())
        wanted = Counter([MANIFEST, *(part.name for part in self.manifest.parts)])
        if odd := next(iter((names - wanted) | (wanted - names)), None):
            where = (
                "the archive, and not once in the manifest" if names[odd] > wanted[odd] else "the manifest, and missing"
            )
            raise _wrong(f"{odd[:100]!r} is in {where}")
        if len(names) > MAX_PARTS + 1:
            raise _wrong(f"it has more than {MAX_PARTS:,} parts")
        for part in self.manifest.parts:
            if not part.name.startswith(f"{part.kind}/"):
                raise _wrong(f"{part.name} is said to hold {part.kind}")

    def _read(self, name: str, most: int) -> bytes:
        """At most one byte more than `most`, whatever the file says of its size."""
        try:
            with self._zip.open(name) as file:
                return file.read(most + 1)
        except KeyError as error:
            raise _wrong(f"has no {name}") from error
        except _BROKEN as error:
            raise _wrong(f"{name} is damaged: {fault(error)}") from error


def fault(error: Exception) -> str:
    """What is wrong, in a few words."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}".removeprefix(": ")[:200]
    return str(error)[:200] or type(error).__name__


def _wrong(said: str) -> InvalidInput:
    return InvalidInput(f"archive: {said}", field="archive")
