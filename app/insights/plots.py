"""Where the strokes of a plot go, in its own units; templates/components/plot.html draws it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

WIDTH, HEIGHT = 640.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 8.0, 12.0, 28.0
MOST_LABELS = 8

Series = tuple[str, Sequence[int]]  # its name, and a value for each place along the axis


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `look` is the number of its series, which has a pattern of its own."""

    look: int
    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line through all places; `look` gives its dashes and the shape at its end."""

    look: int
    points: str
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across all values at one place, with its words."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """All of one drawing."""

    name: str
    title: str
    description: str
    series: tuple[str, ...]
    x_labels: list[tuple[float, str]]
    y_labels: list[tuple[float, str]]
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[Rule, ...] = ()
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    base: float = HEIGHT - BOTTOM


def bars(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> Plot:
    """A group of bars for each label, with a bar for each series."""
    top = _top(max((value for _, values in series for value in values), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    breadth = step * 0.8 / max(len(series), 1)
    drawn = tuple(
        Bar(
            look=look,
            x=_round(LEFT + step * (place + 0.1) + breadth * look),
            y=_y(value, top),
            width=_round(breadth),
            height=_round(HEIGHT - BOTTOM - _y(value, top)),
            label=f"{series_name}, {labels[place]}: {value:,}",
        )
        for look, (series_name, values) in enumerate(series)
        for place, value in enumerate(values)
        if value
    )
    middles = [LEFT + step * (place + 0.5) for place in range(len(labels))]
    return Plot(
        name, title, _description(labels, series), tuple(each for each, _ in series),
        _thinned(middles, labels), _y_labels(top), bars=drawn,
    )  # fmt: skip


def lines(
    name: str, title: str, labels: Sequence[str], series: Sequence[tuple[str, int, Sequence[int]]]
) -> Plot:
    """A cumulated line for each (name, what there was before, what each period added)."""
    sums = [(each, list(accumulate(values, initial=before))[1:]) for each, before, values in series]
    top = _top(max((value for _, values in sums for value in values), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    places = [LEFT + step * (place + 0.5) for place in range(len(labels))]
    drawn = tuple(
        Line(
            look=look,
            points=" ".join(f"{_round(x)},{_y(value, top)}" for x, value in zip(places, values, strict=True)),
            end=(_round(places[-1]), _y(values[-1], top)),
        )
        for look, (_, values) in enumerate(sums)
    )
    return Plot(
        name, title, _last(labels, sums), tuple(each for each, _ in sums),
        _thinned(places, labels), _y_labels(top), lines=drawn,
    )  # fmt: skip


def histogram(
    name: str,
    title: str,
    steps: Sequence[tuple[int, int]],
    *,
    width: int,
    what: str,
    bounds: Sequence[tuple[str, int]],
) -> Plot:
    """A bar for each step of `width`, and a line at each bound (its words and its place) within the steps."""
    labels = [f"{first:,}" for first, _ in steps]
    plain = bars(name, title, labels, [(what, [count for _, count in steps])])
    first, last = steps[0][0], steps[-1][0] + width
    scale = (WIDTH - LEFT - RIGHT) / (last - first)
    return Plot(
        name, title, plain.description, plain.series, plain.x_labels, plain.y_labels, bars=plain.bars,
        rules=tuple(
            Rule(_round(LEFT + (at - first) * scale), words) for words, at in bounds if first <= at <= last
        ),
    )  # fmt: skip


def _top(most: int) -> int:
    """The end of the axis: the least of 1, 2, 4, 5 or 8 times a power of ten that holds everything."""
    power = 1
    while True:
        for step in (1, 2, 4, 5, 8):
            if step * power >= most:
                return step * power
        power *= 10


def _y(value: float, top: int) -> float:
    return _round(HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP))


def _y_labels(top: int) -> list[tuple[float, str]]:
    parts = 4 if top % 4 == 0 else 5 if top % 5 == 0 else min(top, 2)
    return [(_y(top * part / parts, top), f"{top * part // parts:,}") for part in range(parts + 1)]


def _thinned(places: Sequence[float], labels: Sequence[str]) -> list[tuple[float, str]]:
    """As many labels as can stand beside each other."""
    every = -(-len(labels) // MOST_LABELS) or 1
    return [(_round(x), label) for x, label in list(zip(places, labels, strict=True))[::every]]


def _description(labels: Sequence[str], series: Sequence[Series]) -> str:
    """In words, for those who do not see it: where it goes from and to, each sum, and the highest place."""
    told = []
    for name, values in series:
        highest = max(range(len(values)), key=values.__getitem__)
        told.append(f"{name}: {sum(values):,} in all, most at {labels[highest]} ({values[highest]:,})")
    return f"From {labels[0]} to {labels[-1]}. {'. '.join(told)}."


def _last(labels: Sequence[str], sums: Sequence[Series]) -> str:
    told = [f"{name}: from {values[0]:,} to {values[-1]:,}" for name, values in sums]
    return f"From {labels[0]} to {labels[-1]}. {'. '.join(told)}."


def _round(value: float) -> float:
    return round(value, 1)
