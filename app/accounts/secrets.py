"""Tokens: random words whose SHA-256 is all that is kept. 256 bits need no slow hash and no salt."""

import hashlib
import hmac
import secrets

API_TOKEN_PREFIX = "engr_"  # noqa: S105 -- the public beginning, by which scanners find lost tokens
_FORM_SECRET = 32  # bytes


def new_token(prefix: str = "") -> str:
    """A random token of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def email_digest(email: str) -> bytes:
    """What is stored of an address at which a sign-in failed: it may be a mistyped password."""
    return digest(email.strip().lower())


def form_token(session_sha256: bytes, *, key: bytes) -> str:
    """A token for the forms of one session: only this server can make it, for this session alone.

    It is another one each time, a random pad and the session's secret under it: pages are compressed, and
    the length of many answers would else give away what stands in all of them (BREACH).
    """
    pad = secrets.token_bytes(_FORM_SECRET)
    return (pad + _under(pad, _form_secret(session_sha256, key))).hex()


def is_form_token(sent: str, session_sha256: bytes, *, key: bytes) -> bool:
    """Whether `form_token` made this for the session; the time taken does not tell where it differs."""
    try:
        masked = bytes.fromhex(sent)
    except ValueError:
        return False
    pad, rest = masked[:_FORM_SECRET], masked[_FORM_SECRET:]
    if len(rest) != _FORM_SECRET:
        return False
    return hmac.compare_digest(_under(pad, rest), _form_secret(session_sha256, key))


def _form_secret(session_sha256: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"form token\x00" + session_sha256, "sha256")


def _under(pad: bytes, secret: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, secret, strict=True))
