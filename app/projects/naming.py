"""Names, keys and free text that a lead types: what is refused, and with which sentence. Pure."""

import hashlib
import json
import re

from app.checks.length import is_blank
from app.errors import Invalid

MAX_SYSTEM_PROMPT = 20_000
RESERVED_SLUGS = frozenset({"new"})  # /projects/new is a page

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_INSTRUCTION_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def check_slug(slug: str) -> None:
    """Raise Invalid unless `slug` can stand in a project's address."""
    if not _SLUG.fullmatch(slug):
        _refuse("slug", "A short name has 1 to 64 small letters, digits and inner hyphens, such as nda-2026.")
    if slug in RESERVED_SLUGS:
        _refuse("slug", f"“{slug}” is taken by a page of Engross itself; choose another short name.")


def check_instruction_key(key: str) -> None:
    """Raise Invalid unless `key` can name an instruction."""
    if not _INSTRUCTION_KEY.fullmatch(key):
        _refuse("key", "An instruction's key has 1 to 63 small letters, digits, hyphens and underscores.")


def clean_name(name: str) -> str:
    """The name on one line, without white space around it; raises Invalid unless it can be read."""
    name = " ".join(plain(name, field="name").split())
    if len(name) > 200 or is_blank(name):
        _refuse("name", "A name needs 1 to 200 characters that can be read.")
    return name


def clean_system_prompt(text: str) -> str:
    """The system prompt, "" where there is none; raises Invalid where it is too long."""
    text = plain(text, field="system_prompt").strip()
    if len(text) > MAX_SYSTEM_PROMPT:
        _refuse(
            "system_prompt",
            f"A system prompt has at most {MAX_SYSTEM_PROMPT:,} characters; this one has {len(text):,}.",
        )
    return text


def plain(text: str, *, field: str) -> str:
    """The text with the line ends of Unix; raises Invalid where it holds what no database or file can."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        _refuse(field, "This holds a character that cannot be stored; type it again without it.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fingerprint(*values: object) -> str:
    """What a form shows of its data, in 16 characters: a form that is sent back with another one is stale."""
    material = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(material.encode()).hexdigest()[:16]


def _refuse(field: str, sentence: str) -> None:
    raise Invalid(sentence, fields={field: sentence})
