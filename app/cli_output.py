"""How commands answer: one JSON document for programs, or lines and a table for people."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import PurePath

from app.hidden import marked_for_terminal


def emit(value: object, *, as_json: bool, table: Callable[[], str] | None = None) -> None:
    """Print a command's answer on standard output.

    `value` consists of what JSON knows, times and paths. `table` gives what people see; without it, mappings
    are shown as `name: value` lines and lists of mappings as columns. Nothing is cut to the width of the
    terminal: ids, links and addresses are copied out of here. What a terminal would obey is shown in words.
    """
    if as_json:
        print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain), flush=True)
    else:
        print(_draw(value) if table is None else table(), flush=True)


def columns(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows below each other, under the names of the first one's fields."""
    names = list(rows[0])
    lines = ([_cell(row.get(name)).replace("\n", " ") for name in names] for row in rows)
    cells = [[_label(name) for name in names], *lines]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _plain(value: object) -> object:
    if isinstance(value, date):  # and datetime, which is one
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value of JSON")


def _draw(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{_label(name)}: {_cell(item)}" for name, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        if value and all(isinstance(item, Mapping) for item in value):
            return columns(value)
        return "\n".join(map(_cell, value)) or "None."
    return _cell(value)


def _label(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case Mapping():
            return ", ".join(f"{_label(name)} {_cell(item)}" for name, item in value.items()) or "–"
        case list() | tuple():
            return ", ".join(map(_cell, value)) or "–"
        case _:
            return marked_for_terminal(str(value))
