"""Tokens: random words whose SHA-256 is all that is kept. 256 bits need no slow hash and no salt."""

import hashlib
import hmac
import secrets

API_TOKEN_PREFIX = "engr_"  # noqa: S105 -- the public beginning, by which scanners find lost tokens


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
    """The token that the forms of one session carry: only this server can make it, for this session alone."""
    return hmac.new(key, b"form token\x00" + session_sha256, hashlib.sha256).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Whether two tokens are equal, without telling by the time taken where they differ."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))
