"""What an Engross site answers to `app.client`, as far as programs rely on it."""

from typing import Any, TypedDict

Json = dict[str, Any]


class Membership(TypedDict):
    """A project of the caller, with their roles."""

    project: str
    roles: list[str]


class Me(TypedDict):
    """The person behind the token."""

    email: str
    name: str
    admin: bool
    memberships: list[Membership]


class Project(TypedDict):
    """A project with its setup."""

    slug: str
    name: str
    system_prompt: str
    instructions: list[Json]
    clauses: list[Json]
    policy: Json
    guidelines: Json


class Member(TypedDict):
    """A member and their roles."""

    email: str
    name: str
    roles: list[str]


class FileReport(TypedDict):
    """What became of a file of an import."""

    name: str
    status: str
    document_id: int | None
    sample_id: int | None
    reason: str


class ImportReport(TypedDict):
    """How far an import is, and what became of each file."""

    id: int
    project: str
    status: str
    reason: str
    notes: list[str]
    created_at: str
    finished_at: str | None
    total: int
    done: int
    created: int
    duplicates: int
    failed: int
    files: list[FileReport]


class Listed(TypedDict):
    """A sample in a list."""

    id: int
    status: str
    document: Json
    annotator: str | None
    revisions: int
    submitted_at: str | None
    updated_at: str


class Sample(TypedDict):
    """A sample with its contract, the caller's own draft, and what was handed in."""

    id: int
    project: str
    status: str
    document: Json
    instruction: Json
    draft: Json | None
    revisions: list[Json]
    reviews: list[Json]
    lease: Json | None
    findings: list[Json]
    actions: list[str]


class Exclusion(TypedDict):
    """An approved sample that stays out of exports."""

    sample_id: int
    document: Json
    reason: str
    message: str
