"""What a unified diff adds and deletes, for hosts that tell no numbers."""


def counted(diff: str) -> tuple[int, int]:
    """(added, deleted) lines of one file's unified diff; what stands before its first hunk is no content."""
    _, _, hunks = f"\n{diff}".partition("\n@@")
    lines = hunks.split("\n")
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)
