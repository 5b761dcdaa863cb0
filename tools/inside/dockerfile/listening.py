"""Which ports are listened on in this box, and from where they can be reached."""

from pathlib import Path

_LISTEN = "0A"
_LOOPBACK = ("0100007F", "00000000000000000000000001000000")


def listening() -> dict[int, bool]:
    """Port to whether it is open beyond loopback, as a container's has to be."""
    found: dict[int, bool] = {}
    for name in ("tcp", "tcp6"):
        path = Path("/proc/net") / name
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            columns = line.split()
            address, _, port = columns[1].partition(":")
            if columns[3] == _LISTEN:
                number = int(port, 16)
                found[number] = found.get(number, False) or address not in _LOOPBACK
    return found
