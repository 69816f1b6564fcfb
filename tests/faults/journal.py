"""What was asked and what was answered, call by call: what a trial is judged by afterwards."""

import json
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event
from urllib.parse import urlsplit
from uuid import uuid4

PREFIX = "/api/v1"
ANSWER_SECONDS = 60.0
PAUSE_SECONDS = 0.05  # between a call that was not answered and its repetition
IDLE_SECONDS = 2.0  # a server closes a connection that was idle for longer, perhaps in the moment of its use


@dataclass(frozen=True)
class Attempt:
    """One request on the wire: when it was sent, what came back, after how long. No status: nothing did."""

    sent_at: float
    seconds: float
    status: int | None
    retry_after: str | None
    problem: str = ""  # the code of a refusal, or how the connection broke


@dataclass
class Call:
    """Something that a person asked for, however often it had to be sent; `answer` is the one that counts."""

    kind: str
    sample_id: int | None = None
    sent: dict[str, object] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    status: int | None = None
    answer: dict[str, object] = field(default_factory=dict)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the server said that it is done."""
        return self.status is not None and self.status < 300


class Gone(Exception):
    """Nobody answered for so long that the caller has given up."""


class Caller:
    """A program with a token. What is not acknowledged it sends again, with the same Idempotency-Key."""

    def __init__(self, url: str, token: str, *, patience: float = 120.0) -> None:
        self.calls: list[Call] = []
        self.stopped = Event()  # set by who wants no more repetitions
        self._address = urlsplit(url).netloc
        self._token = token
        self._patience = patience
        self._connection: HTTPConnection | None = None
        self._used_at = 0.0

    def call(
        self, kind: str, method: str, path: str, body: dict[str, object], *, sample_id: int | None = None
    ) -> Call:
        """Ask, until there is an answer that counts: done, or refused for good. Raises Gone."""
        call = Call(kind, sample_id=sample_id, sent=body)
        self.calls.append(call)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        deadline = time.monotonic() + self._patience
        while True:
            status, answer = self._send(call, method, path, body, headers)
            if status is not None and status < 500:
                call.status, call.answer = status, answer
                return call
            if time.monotonic() > deadline or self.stopped.is_set():
                raise Gone(f"{method} {path}: {call.attempts[-1]}")
            time.sleep(PAUSE_SECONDS)

    def _send(
        self, call: Call, method: str, path: str, body: dict[str, object], headers: dict[str, str]
    ) -> tuple[int | None, dict[str, object]]:
        began = time.monotonic()
        try:
            if began - self._used_at > IDLE_SECONDS:
                self.close()
            if self._connection is None:
                self._connection = HTTPConnection(self._address, timeout=ANSWER_SECONDS)
            self._connection.request(method, PREFIX + path, body=json.dumps(body), headers=headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            self.close()
            call.attempts.append(
                Attempt(began, time.monotonic() - began, None, None, problem=type(error).__name__)
            )
            return None, {}
        answer: dict[str, object] = json.loads(content) if content else {}
        self._used_at = time.monotonic()
        seconds = self._used_at - began
        problem = str(answer.get("code", "")) if response.status >= 400 else ""
        call.attempts.append(
            Attempt(began, seconds, response.status, response.getheader("Retry-After"), problem)
        )
        return response.status, answer

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
