"""The multipart form by which Bitbucket takes a commit; its parts need a parameter that HTTP clients do not write."""

import secrets
from collections.abc import Collection, Mapping, Sequence

_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def commit_form(
    fields: Mapping[str, str], files: Mapping[str, bytes], deletes: Sequence[str], executables: Collection[str]
) -> tuple[str, bytes]:
    """(content type, body). A path is written from `/`, so that none is taken for a field of that name."""
    boundary = secrets.token_hex(16)
    parts = [_part(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [_part('name="files"', f"/{path}".encode()) for path in deletes]
    for path, content in files.items():
        name = path.translate(_QUOTED)
        last = name.rsplit("/", 1)[-1]
        attributes = '; x-attributes="executable"' if path in executables else ""
        parts.append(_part(f'name="/{name}"; filename="{last}"{attributes}', content, "application/octet-stream"))
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    return f"multipart/form-data; boundary={boundary}", body


def _part(disposition: str, content: bytes, kind: str = "") -> bytes:
    head = f"Content-Disposition: form-data; {disposition}\r\n"
    head += f"Content-Type: {kind}\r\n" if kind else ""
    return head.encode() + b"\r\n" + content
