"""A document as its page, the JSON API and `--json` give it."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from app.audit.models import Event
from app.clock import JsonTime
from app.documents.models import Document, DocumentText, SourceFile
from app.documents.outline import OutlineEntry, blocks_of, outline
from app.documents.passages import Passage
from app.documents.queries import ListedDocument
from app.documents.rules import clean_name

# What a person calls a kind of file.
MEDIA_LABELS = {
    "application/json": "a list of contracts",
    "application/pdf": "PDF",
    "application/rtf": "RTF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "text/html": "web page",
    "text/markdown": "Markdown",
    "text/plain": "text",
}


class DocumentSummary(BaseModel):
    """A document without its text."""

    id: int
    title: str
    sha256: str
    client: str | None
    matter: str | None
    contract_type: str | None
    language: str | None
    jurisdiction: str | None
    rights_basis: str | None
    rights_expire_on: date | None
    created_at: JsonTime
    withdrawn_at: JsonTime | None
    withdrawn_reason: str


class ListedDocumentView(DocumentSummary):
    """A document in a list."""

    character_count: int
    word_count: int
    page_count: int | None


class FileView(BaseModel):
    """A file that a document was read from."""

    name: str
    media_type: str
    byte_count: int
    sha256: str


class DocumentView(ListedDocumentView):
    """A document with its text. The offsets of the outline's blocks count Unicode code points of it."""

    project: str
    text: str
    text_sha256: str  # `sha256` is that of the first text, which a duplicate is told by
    outline: Sequence[OutlineEntry]
    extractor: str
    notes: list[str]
    files: list[FileView]


class PassageView(BaseModel):
    """A place in a document's text, with the code points that it takes up, and what speaks for it."""

    model_config = ConfigDict(from_attributes=True)

    anchor: str
    number: str
    start: int
    end: int
    score: float
    is_likely: bool
    reasons: list[str]


class ClausePassagesView(BaseModel):
    """Where a document speaks of a clause, the best place first; null while nobody has looked yet."""

    clause: str
    name: str
    passages: list[PassageView] | None


class ReadingView(BaseModel):
    """Where the latest reading of a document's original stands, and what came of it."""

    status: str  # waiting, same, new, failed
    at: JsonTime
    reason: str  # why it failed
    # Of a new text: all words of the text before and of this one, and those that only one of them has.
    words_before: int = 0
    words_now: int = 0
    words_gone: int = 0
    words_added: int = 0
    tasks_moved: int = 0  # that nobody had begun: they are put to the new text


class TextReportView(BaseModel):
    """What somebody found wrong with a document's text."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    passage: str
    message: str
    created_at: JsonTime
    resolved_at: JsonTime | None


def summary_view(document: Document) -> DocumentSummary:
    """The document without its text."""
    return DocumentSummary(**_summary(document))


def listed_view(listed: ListedDocument) -> ListedDocumentView:
    """A row of a list."""
    return ListedDocumentView(
        **_summary(listed.document),
        character_count=listed.character_count,
        word_count=listed.word_count,
        page_count=listed.page_count,
    )


def document_view(document: Document, text: DocumentText) -> DocumentView:
    """The whole document; `text` has its words and blocks loaded."""
    return DocumentView(
        **_summary(document),
        character_count=text.character_count,
        word_count=text.word_count,
        page_count=text.page_count,
        project=document.project.slug,
        text=text.text,
        text_sha256=text.sha256.hex(),
        outline=outline(text.text, blocks_of(text.blocks)),
        extractor=f"{text.extractor} {text.extractor_version}",
        notes=text.notes,
        files=[
            FileView(
                name=file.name, media_type=file.media_type, byte_count=file.byte_count, sha256=file.sha256
            )
            for file in document.files
        ],
    )


def passages_view(document: Document, found: Mapping[int, Sequence[Passage]]) -> list[ClausePassagesView]:
    """The places of each of the project's clauses; `found` has them by the clause's id."""
    return [
        ClausePassagesView(
            clause=clause.key,
            name=clause.name,
            passages=[PassageView.model_validate(passage) for passage in found[clause.id]]
            if clause.id in found
            else None,
        )
        for clause in document.project.clauses
    ]


def reading_view(event: Event) -> ReadingView:
    """A reading as its latest event tells it."""
    return ReadingView(status=event.after or "", at=event.at, reason=event.comment, **event.details)


def shown(document: Document, text: DocumentText) -> dict[str, object]:
    """The document as the contract pane takes it."""
    source = document.files[0] if document.files else None
    return {
        "id": document.id,
        "title": document.title,
        "client": document.client or "",
        "matter": document.matter or "",
        "page_count": text.page_count,
        "word_count": text.word_count,
        "media_label": MEDIA_LABELS.get(source.media_type, "a file") if source else "text",
        "page_url": "",  # it is this page
        "original_url": f"/documents/{document.id}/original" if source else "",
    }


def facts(document: Document) -> list[tuple[str, object]]:
    """What is known of the contract beside its text: label and value, of those that are known."""
    known = [
        ("Client", document.client),
        ("Matter", document.matter),
        ("Kind of contract", document.contract_type),
        ("Language", document.language),
        ("Jurisdiction", document.jurisdiction),
        ("Right to use", document.rights_basis),
        ("Right ends on", document.rights_expire_on),
    ]
    return [(label, value) for label, value in known if value]


def download_name(file: SourceFile) -> str:
    """What a downloaded original is called: the line "all.jsonl:17" becomes all-17.json."""
    name = clean_name(file.name)
    stem, colon, line = name.rpartition(":")
    if colon and file.media_type == "application/json":
        return f"{stem.rpartition('.')[0] or stem}-{line}.json"
    return name


def _summary(document: Document) -> dict[str, object]:
    return {
        "id": document.id,
        "title": document.title,
        "sha256": document.text_sha256.hex(),
        "client": document.client,
        "matter": document.matter,
        "contract_type": document.contract_type,
        "language": document.language,
        "jurisdiction": document.jurisdiction,
        "rights_basis": document.rights_basis,
        "rights_expire_on": document.rights_expire_on,
        "created_at": document.created_at,
        "withdrawn_at": document.withdrawn_at,
        "withdrawn_reason": document.withdrawn_reason,
    }
