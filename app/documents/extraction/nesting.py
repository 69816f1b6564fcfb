"""How deep a number stands ("(i)" below "(a)" below "5.1"), and whether an "(i)" is a letter or a numeral."""

from dataclasses import dataclass, field

from .labels import Label, Style, alphabetic, roman


@dataclass(slots=True)
class Nesting:
    """Which families of numbers are open, outermost first, and how far each has counted."""

    base: int = 0
    open: list[str] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)

    def accept(self, label: Label | None) -> Label | None:
        """The label, unless it is a letter that counts on from nothing: the "J." of a name, say."""
        if label is None or label.style is not Style.LETTER:
            return label
        key, value = self._family(label)
        return label if value == 1 or 0 < value - self.last.get(key, 0) <= 2 else None

    def enter(self, label: Label, *, under_article: bool) -> int:
        """How deep the label stands, from 1."""
        if label.style in (Style.NAMED, Style.DECIMAL):
            self.forget()
            section = label.style is Style.NAMED and label.shown[:7].lower() in ("section", "clause ")
            self.base = max(label.parts, 2) if section and under_article else label.parts
            return self.base
        key, value = self._family(label)
        if key in self.open:
            del self.open[self.open.index(key) + 1 :]
        elif len(self.open) < 5:
            self.open.append(key)
        self.last[key] = value
        return self.base + self.open.index(key) + 1 if key in self.open else self.base + len(self.open)

    def stand_at(self, level: int) -> None:
        """Stands at a level that the source names; letters that follow nest below it."""
        self.forget()
        self.base = level

    def forget(self) -> None:
        """Begins anew below a decimal number or a named part."""
        self.base = 0
        self.open.clear()
        for key in [key for key in self.last if not key.startswith(Style.LETTER)]:
            del self.last[key]

    def _family(self, label: Label) -> tuple[str, int]:
        """Which family a token belongs to, and its value in it: "i" after "h" is a letter, else a numeral."""
        if label.style is Style.BULLET:
            return f"{label.style}{label.shown}", 0
        if label.token.isdigit():
            return f"{label.style}1", int(label.token)
        case = "A" if label.token.isupper() else "a"
        letter, numeral = alphabetic(label.token), roman(label.token)
        as_letter, as_numeral = f"{label.style}{case}", f"{label.style}{case}i"
        counts_on = letter > 1 and self.last.get(as_letter) == letter - 1
        opens = not letter or numeral == 1 or self.last.get(as_numeral) == numeral - 1
        if numeral and opens and not counts_on:
            return as_numeral, numeral
        return (as_letter, letter) if letter else (as_numeral, numeral)
