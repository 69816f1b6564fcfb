"""The processes that `engross serve` looks after: started, started again when they end, and ended with it."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 30.0
# Whoever ran for so long was well: the next end is an accident of its own.
WELL_AFTER = 60.0


class Child:
    """A Python program of ours in a process of its own.

    Its standard input is its lifeline: it may be told one line there, and it ends when we do, however that
    happens, because the kernel closes our end.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
    ) -> None:
        """`arguments` are those of `python`; `descriptors` are the open files that it inherits."""
        self.name = name
        # -P: a directory called `app` where the operator happens to be is not to be taken for ours.
        self._arguments = [sys.executable, "-P", *arguments]
        self._environment = environment
        self._descriptors = descriptors
        self._process: subprocess.Popen[bytes] | None = None
        self._line = b""
        self._pause = 0.0
        self._began_at = 0.0
        self._start_at: float | None = None

    def start(self) -> None:
        """Start the process; it stays in our process group, so that a kill of the group ends it too."""
        # A process begins with its parent's mask. Ctrl-C in the terminal is for us, who then end it in order.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own programs, no shell
                self._arguments,
                env=self._environment,
                stdin=subprocess.PIPE,
                pass_fds=self._descriptors,
                bufsize=0,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self._began_at = time.monotonic()
        self._start_at = None
        self._say(self._line)

    def tell(self, line: str) -> None:
        """Say one line to the process, and to each that is started in its place later."""
        self._line = f"{line}\n".encode()
        self._say(self._line)

    def _say(self, line: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):  # it has ended already, which is noticed elsewhere
                self._process.stdin.write(line)

    @property
    def has_ended(self) -> bool:
        """Whether the process was started and runs no more."""
        return self._process is not None and self._process.poll() is not None

    def tend(self) -> None:
        """Start the process again where it has ended: at once, then after a second, two, four …"""
        now = time.monotonic()
        if self._process is None or self._process.poll() is None:
            return
        if self._start_at is None:
            self._pause = 0.0 if now - self._began_at > WELL_AFTER else self._pause
            self._start_at = now + self._pause
            log.warning(
                "process_ended", process=self.name, code=self._process.returncode, again_in=self._pause
            )
            self._pause = min(max(1.0, self._pause * 2), LONGEST_PAUSE)
        if now >= self._start_at:
            self.start()

    def ask_to_end(self) -> None:
        """Ask the process to finish what it does and to end."""
        if self._process is not None:
            self._process.terminate()

    def wait(self, *, until: float) -> None:
        """Wait for the end; by force at `until`, which is a time of the monotonic clock."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process_killed", process=self.name)
            self._process.kill()
            self._process.wait()
