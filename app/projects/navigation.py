"""The pages of a project, each for those who may open it. Pure."""

from collections.abc import Collection
from typing import Protocol

from app.projects.rules import Right, Role, rights_of


class Named(Protocol):
    """What the navigation needs to know of a project."""

    @property
    def slug(self) -> str:
        """Its part of the address."""


# A page's name, its label, the end of its address, and the rights of which one opens it (none: membership).
_PAGES: tuple[tuple[str, str, str, frozenset[Right]], ...] = (
    ("overview", "Overview", "", frozenset()),
    ("samples", "Samples", "/samples", frozenset({Right.WRITE, Right.READ_SAMPLES})),
    ("documents", "Documents", "/documents", frozenset({Right.READ_DOCUMENTS})),
    ("tasks", "Tasks", "/tasks", frozenset({Right.READ_DOCUMENTS})),
    ("export", "Export", "/export", frozenset({Right.EXPORT})),
    ("insights", "Insights", "/insights", frozenset()),
    ("checks", "Checks", "/checks", frozenset({Right.MANAGE})),
    ("guidelines", "Guidelines", "/guidelines", frozenset()),
    ("members", "Members", "/members", frozenset({Right.MANAGE})),
    ("activity", "Activity", "/activity", frozenset({Right.SEE_ACTIVITY, Right.WRITE, Right.REVIEW})),
    ("settings", "Settings", "/settings", frozenset({Right.MANAGE})),
)


def project_nav(project: Named, roles: Collection[Role], current: str) -> list[tuple[str, str, bool]]:
    """(label, address, whether it is this page) for each page that these roles open, in their order."""
    rights = rights_of(roles)
    return [
        (label, f"/projects/{project.slug}{path}", name == current)
        for name, label, path, needed in _PAGES
        if not needed or needed & rights
    ]
