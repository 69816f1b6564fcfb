"""Bytes to text: UTF-8, what a byte order mark says, or the most likely of the encodings that offices use."""

import codecs
import re

from charset_normalizer import from_bytes

from .blocks import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELY = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "shift_jis", "euc_jp", "gb18030",
    "big5", "euc_kr",
]  # fmt: skip
# Quotes, dashes, section marks and a few accented letters of Western Europe: text that has only these beyond
# ASCII was almost surely written on Windows, however short it is.
_WESTERN = re.compile(
    rb"[\x09\x0a\x0c\x0d\x20-\x7e\x80\x85\x91-\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb6\xbb\xc0-\xff]*"
)
_ACCENTED = bytes(range(0xC0, 0x100))  # in Cyrillic or Greek encodings nearly every letter is one of these
_SAMPLE = 200_000  # bytes on which the guess is made
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")

_BINARY = "This is not a text file, nor a kind of file that can be read. Import DOCX, PDF or plain text."
_UNDECODABLE = "The encoding of this text file cannot be told. Save it as UTF-8 and import it again."


def decode(data: bytes) -> tuple[str, str]:
    """The text, and the name of the encoding where it had to be guessed ("" where it is certain)."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_strict(data, encoding)), ""
    if b"\0" in data:
        raise Unreadable(_BINARY)
    try:
        return _checked(data.decode("utf-8")), ""
    except UnicodeDecodeError:
        encoding = _guess(data)
        return _checked(_strict(data, encoding)), encoding


def _guess(data: bytes) -> str:
    accented = len(data) - len(data.translate(None, _ACCENTED))
    if _WESTERN.fullmatch(data) and accented <= len(data) // 8:
        return "cp1252"
    best = from_bytes(data[:_SAMPLE], cp_isolation=_LIKELY).best()
    if best is None:
        raise Unreadable(_UNDECODABLE)
    return best.encoding


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(_UNDECODABLE) from error


def _checked(text: str) -> str:
    """Refuses what decodes by chance: control characters by the dozen are no text."""
    if len(_CONTROL.findall(text)) > 10 + len(text) // 200:
        raise Unreadable(_BINARY)
    return text
