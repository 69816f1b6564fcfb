"""Samples to write and to review, each in a project of its own, so that tests do not meet each other."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from app import clock
from app.accounts.models import User
from app.samples import submission
from tests.browser.site import Site


@dataclass(frozen=True)
class Desk:
    """One sample, its annotator and a reviewer of its project."""

    sample_id: int
    annotator: User
    reviewer: User

    @property
    def path(self) -> str:
        """Where the annotator writes."""
        return f"/samples/{self.sample_id}"

    @property
    def review_path(self) -> str:
        """Where the reviewer decides."""
        return f"/samples/{self.sample_id}/review"


def new_desk(site: Site, *, output: str = "", submitted: bool = False) -> Desk:
    """A draft with this text, all its clauses decided; handed in where that is asked for."""
    with site.preparing() as make:
        project = make.project()
        annotator, reviewer = make.annotator(project), make.reviewer(project)
        sample = make.sample(project, annotator=annotator, output=output)
        if submitted:
            submission.submit(
                make.session, sample_id=sample.id, based_on=1, reasons={}, actor=annotator, at=clock.now()
            )
        return Desk(sample.id, annotator, reviewer)


def summary_field(page: Page) -> Locator:
    """Where the summary is written."""
    return page.get_by_role("textbox", name="Summary", exact=True)
