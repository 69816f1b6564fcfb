"""What the demo is made of, read from the files beside this one: project, contracts, summaries, story."""

import datetime
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from app.demo.word import word_file
from app.documents.rules import Metadata
from app.projects.clause_set import ClauseSpec
from app.projects.defaults import InstructionSpec
from app.projects.policy import Policy
from app.projects.rules import Role
from app.samples.workflow import Action

HERE = Path(__file__).parent

# The rule that the lead adds later: version 1 of the guidelines is without this line.
_ADDED_RULE = "- **Schedules and special conditions**"


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(_Content):
    """Somebody who works on the demo project."""

    name: str
    email: str
    roles: tuple[Role, ...]


class ProjectContent(_Content):
    """The project as `project.toml` describes it."""

    slug: str
    name: str
    system_prompt: str
    policy: Policy
    instructions: tuple[InstructionSpec, ...]
    clauses: tuple[ClauseSpec, ...]
    people: tuple[Person, ...]


class Text(_Content):
    """A summary and what it says of each clause ("covered" or "absent")."""

    output: str
    clauses: dict[str, str]


class Flawed(Text):
    """A summary with one mistake, as a reviewer would name it."""

    what_is_wrong: str


class Passage(_Content):
    """Words of the contract, and a word by which the sentence of a summary that they bear out is known."""

    clause: str | None = None
    says: str
    quote: str


class Contract(_Content):
    """A contract's file, what is said of it at import, and summaries of it."""

    file: str
    as_word: bool = False  # imported as a Word file that is made of the markdown
    title: str
    client: str
    matter: str
    contract_type: str
    language: str
    jurisdiction: str
    summaries: tuple[Text, ...]
    flawed: Flawed
    passages: tuple[Passage, ...] = ()

    @property
    def name(self) -> str:
        """What the file is called that the lead imports."""
        return f"{Path(self.file).stem}.docx" if self.as_word else self.file

    def read(self) -> bytes:
        """The bytes of that file."""
        content = (HERE / "contracts" / self.file).read_bytes()
        return word_file(content.decode()) if self.as_word else content

    @property
    def metadata(self) -> Metadata:
        """What is kept of the document beside its title."""
        return Metadata(
            client=self.client,
            matter=self.matter,
            contract_type=self.contract_type,
            language=self.language,
            jurisdiction=self.jurisdiction,
        )


class Act(_Content):
    """One act of one person; `story.toml` explains the values."""

    who: str
    act: Literal["attest", "publish_guidelines", "start", "save", "submit", "skip", "review"]
    days: int | None = None
    time: datetime.time | None = None
    minutes_ago: int | None = None
    contract: str = ""
    text: Literal["good", "flawed", "corrected", "half"] = "good"
    replace: tuple[str, str] = ("", "")
    action: Action | None = None
    reason: str = ""


class _Story(_Content):
    acts: tuple[Act, ...]


@cache
def load_project() -> ProjectContent:
    """The project with its people."""
    return ProjectContent.model_validate(_read("project.toml"))


@cache
def load_contracts() -> Mapping[str, Contract]:
    """The contracts by number ("01"), in their order."""
    paths = sorted((HERE / "summaries").glob("*.toml"))
    return {path.stem: Contract.model_validate(_read(f"summaries/{path.name}")) for path in paths}


@cache
def load_acts() -> tuple[Act, ...]:
    """What happened, in its order."""
    return _Story.model_validate(_read("story.toml")).acts


def load_guidelines() -> tuple[str, str]:
    """Version 1 and version 2 of the guidelines, as markdown."""
    current = (HERE / "guidelines.md").read_text(encoding="utf-8")
    lines = current.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_ADDED_RULE)), current


def _read(name: str) -> dict[str, object]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
