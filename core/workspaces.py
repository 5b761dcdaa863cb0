"""Words of a workspace: one git repository per task, every agent's result one commit."""

from pydantic import Field

from core.types import Value

MAX_FILE_BYTES = 512 * 1024
MAX_FILES = 2_000


class Author(Value):
    """Who a commit is by; agents are `planner <planner@autonomy.invalid>`."""

    name: str
    email: str


class Change(Value):
    """Files to write and to delete, by one author, with trailers for the commit message (task, iteration, model, ...)."""

    author: Author
    message: str
    files: dict[str, str] = Field(default_factory=dict)
    deletes: tuple[str, ...] = ()
    trailers: dict[str, str] = Field(default_factory=dict)


class RefusedFile(Value):
    path: str
    reason: str


class Committed(Value):
    """`commit` is the new head (the old one when nothing changed); `tree` its tree id; refused files were left out."""

    commit: str
    tree: str
    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    refused: tuple[RefusedFile, ...] = ()


class FileChange(Value):
    path: str
    status: str = Field(description="added, modified or deleted")
    additions: int = 0
    deletions: int = 0


class Diff(Value):
    files: tuple[FileChange, ...] = ()
    patch: str = Field(default="", description="unified diff, cut at the limit that was asked for")
    truncated: bool = False

    @property
    def additions(self) -> int:
        return sum(file.additions for file in self.files)

    @property
    def deletions(self) -> int:
        return sum(file.deletions for file in self.files)
