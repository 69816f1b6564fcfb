"""Which version of the program this is. Imports nothing of ours, so that asking for it costs nothing."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version; "unknown" where the program runs without having been installed."""
    try:
        return version("engross")
    except PackageNotFoundError:
        return "unknown"
