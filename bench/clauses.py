"""How well the clause finder finds: on contracts whose clauses lawyers marked, and none judged by itself.

The contracts are those of CUAD in `../shared/data/contracts` (see the README there), which are no part of
this repository; without them there is nothing to measure. They are dealt into folds, and what judges a fold
was learned from the other ones. `--full` judges the baseline as well, and writes the weights that are
shipped, learned from all contracts.
"""

import json
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.documents.extraction import from_plain_text
from app.documents.passages import Cues, evenness, own_cues, parts_of, signs_of
from app.projects import library
from bench.learning import PHRASE_SCALE, Signs, baseline, learn

DATA = Path("../shared/data/contracts/contracts.jsonl")
SHIPPED = library.HERE / "weights.toml"
FOLDS = 5
FIRSTS = (1, 3, 5)
ENOUGH = 20  # contracts with a clause, from which on its figures say something by themselves
HEADER = """\
# What was learned for each clause of the library: what counts for a passage, or against it, and how much.
# Written by `python -m bench clauses --full`, not by hand. Explained in docs/clauses.md.
#
# Learned from the annotations of "Contract Understanding Atticus Dataset (CUAD) v1" by The Atticus Project,
# Inc., https://www.atticusprojectai.org/cuad, licensed under CC BY 4.0
# (https://creativecommons.org/licenses/by/4.0/): a selection of 97 contracts. Changes: only words and pairs
# of words with their weights are here, no contract. Hendrycks, Burns, Chen, Ball: CUAD: An Expert-Annotated
# NLP Dataset for Legal Contract Review, NeurIPS 2021, arXiv:2103.06268.
"""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All contracts' passages in one list, with what lawyers marked."""

    keys: tuple[str, ...]
    contract: np.ndarray  # of each passage
    marked: np.ndarray  # passages by clauses: overlaps a marked span
    has: np.ndarray  # contracts by clauses
    signs: list[set[str]]
    words: list[set[str]]  # and pairs of words, for the baseline
    own: np.ndarray  # passages by clauses by 2: what heading cues and phrase cues say

    @property
    def fold(self) -> np.ndarray:
        """Which fold each passage's contract is in."""
        order = list(range(len(self.has)))
        random.Random(7).shuffle(order)  # noqa: S311 -- not a secret
        folds = np.empty(len(order), int)
        folds[order] = np.arange(len(order)) % FOLDS
        return folds[self.contract]


def run(*, full: bool = False) -> dict[str, str]:
    """For each clause of how many contracts that have it a marked passage is among the first 1, 3 and 5."""
    if not DATA.exists():
        return {"": f"{DATA} is not here"}
    corpus = _read()
    ways = {"ours": _learned(corpus), "own cues alone": corpus.own @ np.array([1, 1 / PHRASE_SCALE])}
    if full:
        SHIPPED.write_text(HEADER + "".join(_shipped(corpus)), encoding="utf-8")
        ways["baseline"] = _baseline(corpus)
    return dict(_figures(corpus, ways))


def _read() -> Corpus:
    clauses = library.clauses()
    cues = [Cues(clause.headings, clause.phrases) for clause in clauses.values()]
    contract: list[int] = []
    marked: list[list[bool]] = []
    signs: list[set[str]] = []
    words: list[set[str]] = []
    own, has = [], []
    with DATA.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            read = from_plain_text(row["text"])
            assert read.text == row["text"], "the annotations' offsets are those of the text as it came"
            spans = [row["clauses"][key]["spans"] for key in clauses]
            has.append([bool(found) for found in spans])
            parts = parts_of(read.text, read.blocks)
            own.append(np.array(own_cues(parts, cues)).transpose(1, 0, 2))
            for place, part in enumerate(parts):
                contract.append(number)
                signs.append(signs_of(part, place, len(parts)))
                words.append({sign for sign in signs[-1] if ": " not in sign})
                marked.append([
                    any(part.start < span["end"] and span["start"] < part.end for span in found)
                    for found in spans
                ])  # fmt: skip
    return Corpus(
        tuple(clauses), np.array(contract), np.array(marked), np.array(has), signs, words, np.concatenate(own)
    )


def _learned(corpus: Corpus) -> np.ndarray:
    """Every passage's scores by what was learned from the other folds."""
    scores = np.empty(corpus.marked.shape)
    signs, share, fold = Signs(corpus.signs, corpus.contract), _share(corpus), corpus.fold
    for held in range(FOLDS):
        for clause in range(len(corpus.keys)):
            _, _, found = learn(
                signs, share, _own(corpus, clause), corpus.marked[:, clause], corpus.contract, fold != held
            )
            scores[fold == held, clause] = found[fold == held]
    return scores


def _baseline(corpus: Corpus) -> np.ndarray:
    scores, fold = np.empty(corpus.marked.shape), corpus.fold
    for held in range(FOLDS):
        scores[fold == held] = baseline(corpus.words, corpus.marked, fold != held)[fold == held]
    return scores


def _share(corpus: Corpus) -> np.ndarray:
    return np.array([1 / evenness(len(signs)) for signs in corpus.signs])


def _own(corpus: Corpus, clause: int) -> np.ndarray:
    return corpus.own[:, clause] * np.array([1, 1 / PHRASE_SCALE])


def _shipped(corpus: Corpus) -> Iterator[str]:
    """The file of weights, learned from every contract."""
    signs, share = Signs(corpus.signs, corpus.contract), _share(corpus)
    everything = np.ones(len(corpus.contract), bool)
    for clause, key in enumerate(corpus.keys):
        chosen, weights, _ = learn(
            signs, share, _own(corpus, clause), corpus.marked[:, clause], corpus.contract, everything
        )
        heading, phrases = weights[-2], weights[-1] / PHRASE_SCALE
        yield f"\n[{key}]\nheading = {heading:.2f}\nphrases = {phrases:.2f}\n[{key}.signs]\n"
        by_weight: dict[str, list[str]] = {}
        for sign, weight in sorted(zip(chosen, weights[:-2], strict=True), key=lambda found: -found[1]):
            by_weight.setdefault(f"{weight:.2f}", []).append(signs.names[sign])
        for weight, names in by_weight.items():
            yield f"{json.dumps(weight)} = {json.dumps(sorted(names), ensure_ascii=False)}\n"


def _figures(corpus: Corpus, ways: Mapping[str, np.ndarray]) -> Iterator[tuple[str, str]]:
    counts = corpus.has.sum(0)
    found = {way: _found(corpus, scores) for way, scores in ways.items()}
    absent = {way: _absent(corpus, scores) for way, scores in ways.items()}
    for clause, key in enumerate(corpus.keys):
        figures = [
            f"{way} {' '.join(_share_of(int(row[clause]), int(counts[clause])) for row in hits)}"
            f", absence {absent[way][clause]:.2f}"
            for way, hits in found.items()
        ]
        yield f"{key} ({counts[clause]})", "\n".join(figures)
    for name, chosen in (("all", counts > 0), (f"of {ENOUGH} contracts or more", counts >= ENOUGH)):
        means = [
            f"{way} {' '.join(f'{share:.3f}' for share in (hits / counts)[:, chosen].mean(1))}"
            f", absence {np.nanmean(absent[way][chosen]):.2f}"
            for way, hits in found.items()
        ]
        yield f"mean over the {chosen.sum()} clauses, {name}", "\n".join(means)


def _found(corpus: Corpus, scores: np.ndarray) -> np.ndarray:
    """In how many contracts a marked passage is among the first, for each of FIRSTS and each clause."""
    hits = np.zeros((len(FIRSTS), len(corpus.keys)))
    for contract, clause in zip(*np.nonzero(corpus.has), strict=True):
        here = np.flatnonzero(corpus.contract == contract)
        order = np.argsort(-scores[here, clause], kind="stable")
        ranked = corpus.marked[here[order], clause]
        hits[:, clause] += [ranked[:first].any() for first in FIRSTS]
    return hits


def _absent(corpus: Corpus, scores: np.ndarray) -> np.ndarray:
    """How often a contract with a clause scores higher than one without: the area under the curve."""
    starts = np.flatnonzero(np.append(True, corpus.contract[1:] != corpus.contract[:-1]))
    best = np.maximum.reduceat(scores, starts)
    areas = np.full(len(corpus.keys), np.nan)
    for clause, has in enumerate(corpus.has.T):
        if 0 < has.sum() < len(has):
            pairs = best[has, clause][:, None] - best[~has, clause]
            areas[clause] = (pairs > 0).mean() + (pairs == 0).mean() / 2
    return areas


def _share_of(hits: int, count: int) -> str:
    """A share with its 95 % interval, by Wilson."""
    share, z = hits / count, 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return f"{share:.2f} [{middle - half:.2f} {middle + half:.2f}]"
