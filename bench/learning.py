"""How weights of signs are learned from marked passages, with numpy alone, and the baseline beside them.

Everything is deterministic: no random numbers, sorts are stable.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

FEW = 16  # contracts with a clause, below which it keeps fewer signs
SIGNS, FEW_SIGNS = 600, 200  # that a clause keeps
# Companies in whose contracts a sign stands, and in whose marked passages: one alone teaches its own name.
LEAST, LEAST_MARKED = 3, 2
PRIOR = 0.1  # of the log odds, where the weights of signs begin and are drawn back to
RIDGE, OWN_RIDGE = 2.0, 1.0
ACROSS = 2.0  # what the order across contracts counts, where the order in each contract counts 1
OWN = np.array([1.0, 1.5])  # where the weights of heading cues and phrase cues begin
PHRASE_SCALE = 3.0  # phrase cues add up to some three times as much as a heading cue
STEPS, BASELINE_STEPS = 40, 30


class Signs:
    """Which passage has which sign; `columns` of a sign's number are the passages that have it."""

    def __init__(self, found: Sequence[set[str]], group: np.ndarray) -> None:
        self._group = group
        pairs = {(sign, number) for signs, number in zip(found, group, strict=True) for sign in signs}
        counts = Counter(sign for sign, _ in pairs)
        self.names = sorted(sign for sign, count in counts.items() if count >= LEAST)
        number = {sign: place for place, sign in enumerate(self.names)}
        rows = [sorted(number[sign] for sign in signs if sign in number) for signs in found]
        self.count = len(found)
        self.rows = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self.signs = np.array([sign for row in rows for sign in row])
        order = np.argsort(self.signs, kind="stable")
        self._passages = self.rows[order]
        self._starts = np.searchsorted(self.signs[order], np.arange(len(self.names) + 1))

    def columns(self, signs: Sequence[int]) -> np.ndarray:
        """Passages by signs: 1 where the passage has the sign."""
        table = np.zeros((self.count, len(signs)), np.float32)
        for place, sign in enumerate(signs):
            table[self._passages[self._starts[sign] : self._starts[sign + 1]], place] = 1
        return table

    def spread(self, chosen: np.ndarray) -> np.ndarray:
        """For each sign in how many groups one of the chosen passages has it."""
        here = chosen[self.rows]
        pairs = np.unique(np.stack([self.signs[here], self._group[self.rows[here]]]), axis=1)
        return np.bincount(pairs[0], minlength=len(self.names))

    def weighed(self, weights: np.ndarray) -> np.ndarray:
        """For each sign the sum of the weights of its passages."""
        return np.bincount(self.signs, weights[self.rows], len(self.names))


def learn(
    signs: Signs,
    share: np.ndarray,
    own: np.ndarray,
    marked: np.ndarray,
    contract: np.ndarray,
    known: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The signs of a clause, their weights with those of its own cues at the end, and every passage's score.

    `share` is what a sign of each passage counts, `own` the own cues' scores; only `known` passages are
    learned from. First the log odds choose the signs, then the weights are fitted so that in each contract a
    marked passage comes first, and marked passages come before those of all contracts.
    """
    marked = marked & known
    chosen, odds = _log_odds(signs, marked, contract, known)
    table = np.hstack([signs.columns(chosen) * share[:, None], own]).astype(np.float32)
    prior = np.append(PRIOR * odds, OWN)
    ridge = np.append(np.full(len(chosen), RIDGE), np.full(2, OWN_RIDGE))
    weights = _fit(table[known], marked[known], contract[known], prior, ridge)
    return chosen, weights[:-1], table @ weights[:-1] + weights[-1]


def _log_odds(
    signs: Signs, marked: np.ndarray, contract: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The signs that say most, with the logarithm of how much oftener they stand in marked passages."""
    in_contract = np.bincount(contract, marked)[contract]
    weight = np.where(
        marked, 1 / np.sqrt(np.maximum(in_contract, 1)), 0
    )  # contracts with many count less each
    others = (known & ~marked).astype(float)
    usual = (signs.weighed(others) + 0.5) / (others.sum() + 1)
    here = (signs.weighed(weight) + 2 * usual) / (weight.sum() + 2)
    odds = np.log(here / usual)
    telling = np.abs((here - usual) * odds)
    telling[(odds > 0) & (signs.spread(marked) < LEAST_MARKED)] = 0
    most = SIGNS if len(np.unique(contract[marked])) >= FEW else FEW_SIGNS
    chosen = np.argsort(-telling, kind="stable")[:most]
    chosen = chosen[telling[chosen] > 0]
    return chosen, odds[chosen]


def _fit(
    table: np.ndarray, marked: np.ndarray, contract: np.ndarray, prior: np.ndarray, ridge: np.ndarray
) -> np.ndarray:
    starts = np.flatnonzero(np.append(True, contract[1:] != contract[:-1]))
    of = np.cumsum(np.isin(np.arange(len(contract)), starts)) - 1
    counts = np.add.reduceat(marked.astype(float), starts)
    has = counts > 0
    weight = ACROSS * np.where(marked, 1 / np.maximum(counts, 1)[of], has.sum() / (~marked).sum())
    sign = np.where(marked, 1.0, -1.0)

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table @ values[:-1]
        margins = sign * (scores + values[-1])
        slope = -sign * weight * np.exp(-np.logaddexp(0, margins))
        total = (weight * np.logaddexp(0, -margins)).sum()
        constant = slope.sum()
        raised = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        everything = np.add.reduceat(raised, starts)
        right = np.maximum(np.add.reduceat(np.where(marked, raised, 0), starts), 1e-30)
        total -= np.log(right / everything)[has].sum()
        slope += np.where(has[of], raised / everything[of] - np.where(marked, raised, 0) / right[of], 0)
        away = values[:-1] - prior
        gradient = np.append(table.T @ slope.astype(np.float32) + ridge * away, constant)
        return float(total + (ridge * away**2).sum() / 2), gradient

    return _descend(loss, np.append(prior, -3.0), STEPS)


def baseline(found: Sequence[set[str]], marked: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Every passage's score for each clause by logistic regression over words and pairs of words.

    As one would write it first: weighted by rarity, of length 1, classes balanced, ridge 1.
    """
    seen_words = [words if is_known else set() for words, is_known in zip(found, known, strict=True)]
    signs = Signs(seen_words, np.arange(len(found)))
    number = {name: place for place, name in enumerate(signs.names)}
    rarity = np.log((1 + known.sum()) / (1 + np.bincount(signs.signs))) + 1
    rows = [sorted(number[word] for word in words if word in number) for words in found]
    passage = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    word = np.array([each for row in rows for each in row])
    length = np.sqrt(np.bincount(passage, rarity[word] ** 2, len(rows)))
    value = (rarity[word] / length[passage]).astype(np.float32)
    to_passages = _Product(passage, word, value, len(rows))
    seen = known[passage]
    to_words = _Product(word[seen], passage[seen], value[seen], len(signs.names))
    positive = np.maximum(marked[known].sum(0), 1)
    weight = np.where(marked, known.sum() / (2 * positive), known.sum() / (2 * (known.sum() - positive)))
    weight = np.where(known[:, None], weight, 0).astype(np.float32)
    sign = np.where(marked, 1, -1).astype(np.float32)
    shape = (len(signs.names) + 1, marked.shape[1])

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        weights = values.reshape(shape)
        margins = sign * (to_passages(weights[:-1]) + weights[-1])
        slope = (-sign * weight * np.exp(-np.logaddexp(0, margins))).astype(np.float32)
        gradient = np.vstack([to_words(slope) + weights[:-1], slope.sum(0)])
        total = (weight * np.logaddexp(0, -margins)).sum() + (weights[:-1] ** 2).sum() / 2
        return float(total), gradient.ravel()

    weights = _descend(loss, np.zeros(shape, np.float32).ravel(), BASELINE_STEPS).reshape(shape)
    return to_passages(weights[:-1]) + weights[-1]


class _Product:
    """A sparse matrix that is multiplied with a dense one."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray, count: int) -> None:
        order = np.argsort(rows, kind="stable")
        self._rows, self._starts = np.unique(rows[order], return_index=True)
        self._columns, self._values, self._count = columns[order], values[order][:, None], count

    def __call__(self, dense: np.ndarray) -> np.ndarray:
        result = np.zeros((self._count, dense.shape[1]), np.float32)
        ends = np.append(self._starts[1:], len(self._columns))
        for first in range(0, len(self._rows), 4_000):  # all at once takes hundreds of megabytes
            last = min(first + 4_000, len(self._rows))
            part = slice(self._starts[first], ends[last - 1])
            products = dense[self._columns[part]] * self._values[part]
            result[self._rows[first:last]] = np.add.reduceat(
                products, self._starts[first:last] - self._starts[first]
            )
        return result


def _descend(
    loss: Callable[[np.ndarray], tuple[float, np.ndarray]], values: np.ndarray, steps: int
) -> np.ndarray:
    """L-BFGS with eight pairs, halving each step until it goes down."""
    total, gradient = loss(values)
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(steps):
        direction, sizes = gradient.copy(), []
        for moved, turned in reversed(pairs):
            sizes.append((moved @ direction) / (moved @ turned))
            direction -= sizes[-1] * turned
        direction *= (
            (pairs[-1][0] @ pairs[-1][1]) / (pairs[-1][1] @ pairs[-1][1])
            if pairs
            else 1 / max(float(np.linalg.norm(gradient)), 1e-9)
        )
        for (moved, turned), size in zip(pairs, reversed(sizes), strict=True):
            direction += (size - (turned @ direction) / (moved @ turned)) * moved
        step, slope = 1.0, float(gradient @ direction)
        while True:
            there = values - step * direction
            new_total, new_gradient = loss(there)
            if new_total <= total - 1e-4 * step * slope or step < 1e-4:
                break
            step /= 2
        if (there - values) @ (new_gradient - gradient) > 1e-10:
            pairs = [*pairs[-7:], (there - values, new_gradient - gradient)]
        is_still = abs(total - new_total) < 1e-5 * abs(total)
        values, total, gradient = there, new_total, new_gradient
        if is_still:
            break
    return values
