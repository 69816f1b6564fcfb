"""Idempotency keys: a change by the API that was sent twice is done once."""

from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.models import IdempotencyKey
from app.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request was the first to send; the other one waits until this transaction ends."""

    session: Session
    user_id: int
    key: str

    def keep(self, *, status: int, headers: dict[str, str], body: bytes) -> None:
        """Store the answer, in the request's transaction."""
        self.session.execute(
            update(IdempotencyKey)
            .where(IdempotencyKey.user_id == self.user_id, IdempotencyKey.key == self.key)
            .values(status=status, headers=headers, body=body)
        )

    def forget(self) -> None:
        """Give the key back."""
        self.session.execute(
            delete(IdempotencyKey).where(
                IdempotencyKey.user_id == self.user_id, IdempotencyKey.key == self.key
            )
        )


def claim(session: Session, *, user_id: int, key: str, request_sha256: bytes) -> Claim | IdempotencyKey:
    """The claim on a new key, or the stored answer of one that was used for the same request.

    A twin that is under way holds the unique key: this waits for its end. Raises Invalid
    (`idempotency_key_reused`) where the key belongs to another request.
    """
    claimed = session.execute(
        insert(IdempotencyKey)
        .values(user_id=user_id, key=key, request_sha256=request_sha256)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    ).first()
    if claimed is not None:
        return Claim(session, user_id, key)
    stored = session.get(IdempotencyKey, (user_id, key))
    if stored is None:  # swept away between the two statements
        raise Conflict("This Idempotency-Key has just expired: use a new one.")
    if stored.request_sha256 != request_sha256:
        raise Invalid("This Idempotency-Key was used for another request.", code="idempotency_key_reused")
    return stored


def forget_answers(session: Session, *, user_id: int) -> None:
    """Throw a person's stored answers away: what they were given then, their rights may not give them now."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.user_id == user_id))
