"""One guard that can be taken out: where it stands, and which tests have to miss it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """`old` stands once in `file`; with `new` in its place one of `tests` has to turn red."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def removed_from(self, text: str) -> str:
        """The file's text without the guard. Raises ValueError where it is not there exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} holds this {text.count(self.old)} times: {self.old}")
        return text.replace(self.old, self.new)
