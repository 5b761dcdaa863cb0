"""Files of a workspace out of it: into a folder of this machine, or as an archive."""

import gzip
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from core.errors import Refused
from core.paths import checked_path

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def export_files(files: Mapping[str, str], directory: Path) -> None:
    """Write `files` (path to text) under `directory`, which is made when missing; other files there are left alone.

    Each file appears whole or not at all. No symbolic link at or below `directory` is followed, so nothing is ever
    written outside it. Raises PathRefused for a path that is not plain and relative (before anything is written),
    Refused where something else is in the way.
    """
    for path in files:
        checked_path(path)
    target = directory
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            target = directory / path
            _write(directory, path.split("/"), text.encode())
    except OSError as error:
        raise Refused(f"{target} cannot be written: {error.strerror}; see what is in its place") from error


def archive(files: Mapping[str, str]) -> bytes:
    """A tar.gz of `files` (path to text): the same bytes for the same files, whoever makes it and whenever."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(files):
            content = files[path].encode()
            member = tarfile.TarInfo(checked_path(path))
            member.size = len(content)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _write(directory: Path, parts: list[str], content: bytes) -> None:
    *folders, name = parts
    with ExitStack() as stack:
        folder = stack.enter_context(_opened(os.open(directory, _FOLDER_FLAGS)))
        for part in folders:
            with suppress(FileExistsError):  # what is there is opened next, as a real folder or not at all
                os.mkdir(part, 0o755, dir_fd=folder)
            folder = stack.enter_context(_opened(os.open(part, _FOLDER_FLAGS, dir_fd=folder)))
        temporary = f".{os.getpid()}-{os.urandom(6).hex()}.part"
        try:
            with open(os.open(temporary, _FILE_FLAGS, 0o644, dir_fd=folder), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            raise


@contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)
