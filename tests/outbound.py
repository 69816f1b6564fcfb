"""Notices whatever this process's Python code wants to reach beyond this machine; the server never may."""

import ipaddress
import sys

reached: list[str] = []  # what was asked for, as "event host"


def listen() -> None:
    """From now on, until the process ends: Python has no way to take an audit hook out again."""
    sys.addaudithook(_note)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a socket of this machine has a path
    else:
        return
    if not _is_here(host):
        reached.append(f"{event} {host!r}")


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
