"""Tables in pages of the documentation, between marks that say which command made them."""

from pathlib import Path


def write_between(page: Path, part: str, made_by: str, text: str) -> None:
    """Put `text` between the marks of `part`. Raises ValueError where the page has none."""
    begin, end = f"<!-- {part}: made by {made_by} -->\n", f"<!-- {part}: end -->\n"
    content = page.read_text(encoding="utf-8")
    if begin not in content or end not in content:
        raise ValueError(f"{page.name} has no marks for {part!r}")
    before, rest = content.split(begin, 1)
    page.write_text(f"{before}{begin}\n{text}\n\n{end}{rest.split(end, 1)[1]}", encoding="utf-8")
