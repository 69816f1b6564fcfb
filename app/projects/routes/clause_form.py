"""What the form of a project's clauses shows: its rows, and the library to pick from."""

from typing import Any

from app.projects import library
from app.projects.models import Project

EMPTY_ROWS = 2  # for further clauses, below those that are there


def columns_of(project: Project) -> dict[str, Any]:
    """The clause form's columns, as the form would send them."""
    clauses = project.clauses
    return {
        "key": [row.key for row in clauses],
        "name": [row.name for row in clauses],
        "heading_cues": [", ".join(row.heading_cues) for row in clauses],
        "phrase_cues": [", ".join(row.phrase_cues) for row in clauses],
        "required": [str(number) for number, row in enumerate(clauses) if row.required],
        "remove": [],
        "pick": [],
        "based_on": str(project.clause_set_version),
    }


def rows(columns: dict[str, Any], *, known: set[str]) -> list[dict[str, Any]]:
    """The columns as rows, with empty ones for further clauses below; a `known` key cannot be changed."""
    names = ("key", "name", "heading_cues", "phrase_cues")
    filled = [
        dict(zip(names, values, strict=True))
        | {"required": str(number) in columns["required"], "remove": str(number) in columns["remove"]}
        | {"is_new": values[0] not in known, "question": _question(values[0])}
        for number, values in enumerate(zip(*(columns[name] for name in names), strict=False))
        if any(value.strip() for value in values)
    ]
    empty = dict.fromkeys(names, "") | {"required": True, "remove": False, "is_new": True}
    return filled + [empty | {"question": ""}] * EMPTY_ROWS


def _question(key: str) -> str:
    """What the library asks about a clause; "" where it does not know it."""
    known = library.clauses().get(key)
    return known.question if known else ""


def library_groups() -> dict[str, list[tuple[str, str, str]]]:
    """The library's clauses by group: key, name, question."""
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for clause in library.clauses().values():
        groups.setdefault(clause.group, []).append((clause.key, clause.name, clause.question))
    return groups
