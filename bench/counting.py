"""Shares of what was counted, for both halves of the contracts, and examples of what went wrong."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator

from app.checks.spans import Span
from bench.clauses import share_of
from bench.truths import Statement

LONGEST_QUOTE = 120


class Figures:
    """Shares, in a row and a column each, for both halves; and examples of what counts against the checks."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, bool], list[int]] = defaultdict(lambda: [0, 0])
        self._examples: dict[str, list[str]] = defaultdict(list)

    def count(self, row: str, column: str, is_held_out: bool, *, is_hit: bool) -> None:
        """One more in a row and column, that counts as hit or not."""
        counts = self._counts[row, column, is_held_out]
        counts[0] += is_hit
        counts[1] += 1

    def example(self, row: str, statement: Statement, said: str, sentence: str, at: Span) -> None:
        """What went wrong, unless it is held out."""
        if not statement.document.is_held_out:
            start, end = max(0, at.start - LONGEST_QUOTE // 2), at.end + LONGEST_QUOTE // 2
            words = f"{sentence[start : at.start]}[{sentence[at.start : at.end]}]{sentence[at.end : end]}"
            quote = " ".join(statement.document.text[span.start : span.end] for span in statement.evidence)
            quote = " ".join(quote.split())[:LONGEST_QUOTE]
            self._examples[row].append(
                f"{statement.document.name[:40]}: {words}\n  evidence: {quote}\n  check: {said[:200]}"
            )

    def rows(self) -> Iterator[tuple[str, str]]:
        """All rows in the order of their first counts, both halves in each line."""
        rows: dict[str, dict[str, None]] = {}
        for row, column, _ in self._counts:
            rows.setdefault(row, {})[column] = None
        for row, columns in sorted(rows.items()):
            halves = (
                f"{column}: dev {self._share(row, column, False)}, held out {self._share(row, column, True)}"
                for column in sorted(columns)
            )
            yield row, "\n".join(halves)

    def _share(self, row: str, column: str, is_held_out: bool) -> str:
        hits, count = self._counts[row, column, is_held_out]
        return f"{hits} of {count}, {share_of(hits, count)}" if count else "none"

    def worst(self, most: int) -> Iterator[tuple[str, str]]:
        """Of each row so many examples, of as many contracts as there are, chosen by a hash."""
        for row, examples in sorted(self._examples.items()):
            nth: Counter[str] = Counter()
            ranked = []
            for example in sorted(
                dict.fromkeys(examples), key=lambda each: hashlib.sha256(each.encode()).digest()
            ):
                name = example.partition(":")[0]
                ranked.append((nth[name], example))
                nth[name] += 1
            ranked.sort(key=lambda each: each[0])
            yield f"worst: {row} ({len(examples)})", "\n".join(example for _, example in ranked[:most])
