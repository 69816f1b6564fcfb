"""How well the clause finder finds: on contracts whose clauses lawyers marked, and none judged by itself.

The contracts are those of CUAD in `../shared/data/contracts` (see the README there), which are no part of
this repository; without them there is nothing to measure. They are dealt into folds, and what judges a fold
was learned from the other ones. `--full` judges the baseline as well, and both again where the contracts of
a company stay together, lest the first dealing was a lucky one; it writes the weights that are shipped,
learned from all contracts.
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
LEAST_WEIGHT = 0.02  # that is worth a line in the file
HIGHEST_BIAS = -0.2  # above which more than 2 % of the contracts with a clause lost their right place
HEADER = """\
# What was learned for each clause of the library: what counts for a passage, or against it, and how much.
# Written by `python -m bench clauses --full`, not by hand. Explained in docs/clauses.md.
#
# Learned from the annotations of "Contract Understanding Atticus Dataset (CUAD) v1" by The Atticus Project,
# Inc., https://www.atticusprojectai.org/cuad, licensed under CC BY 4.0
# (https://creativecommons.org/licenses/by/4.0/): a selection of 97 contracts. Changes: only words, pairs and
# stems with their weights are here, no contract. Hendrycks, Burns, Chen, Ball: CUAD: An Expert-Annotated
# NLP Dataset for Legal Contract Review, NeurIPS 2021, arXiv:2103.06268.
"""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All contracts' passages in one list, with what lawyers marked."""

    keys: tuple[str, ...]
    contract: np.ndarray  # of each passage
    company: np.ndarray  # whose contract it is, of each passage
    marked: np.ndarray  # passages by clauses: overlaps a marked span
    has: np.ndarray  # contracts by clauses
    signs: list[set[str]]
    words: list[set[str]]  # and pairs of words, for the baseline
    own: np.ndarray  # passages by clauses by 2: what heading cues and phrase cues say

    @property
    def by_contract(self) -> np.ndarray:
        """Which fold each passage is in, where contracts are dealt."""
        return _dealt(self.contract, 7)

    @property
    def by_company(self) -> np.ndarray:
        """Which fold each passage is in, where companies are dealt."""
        return _dealt(self.company, 11)


def run(*, full: bool = False) -> dict[str, str]:
    """For each clause of how many contracts that have it a marked passage is among the first 1, 3 and 5."""
    if not DATA.exists():
        return {"": f"{DATA} is not here"}
    corpus = _read()
    scores = _learned(corpus, corpus.by_contract)
    own = corpus.own @ np.array([1, 1 / PHRASE_SCALE])
    ways = {"ours": scores, "own cues alone": np.where(own, own, -1)}  # without a cue there is no place
    if full:
        biases = _biases(_right(corpus, scores))
        SHIPPED.write_text(HEADER + "".join(_shipped(corpus, biases)), encoding="utf-8")
        ways["baseline"] = _baseline(corpus, corpus.by_contract)
        ways["ours by company"] = _learned(corpus, corpus.by_company)
        ways["baseline by company"] = _baseline(corpus, corpus.by_company)
    return dict(_figures(corpus, ways))


def _read() -> Corpus:
    clauses = library.clauses()
    cues = [Cues(clause.headings, clause.phrases) for clause in clauses.values()]
    contract: list[int] = []
    company: list[str] = []
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
                company.append(_company(row["title"]))
                signs.append(signs_of(part, place, len(parts)))
                words.append({sign for sign in signs[-1] if ": " not in sign and sign[-1] != "…"})
                marked.append([
                    any(part.start < span["end"] and span["start"] < part.end for span in found)
                    for found in spans
                ])  # fmt: skip
    return Corpus(
        keys=tuple(clauses),
        contract=np.array(contract),
        company=np.unique(company, return_inverse=True)[1],
        marked=np.array(marked),
        has=np.array(has),
        signs=signs,
        words=words,
        own=np.concatenate(own),
    )


def _company(title: str) -> str:
    """What tells companies apart: a contract's title begins with the company's name, spelled variously."""
    return "".join(filter(str.isalpha, title.lower()))[:6]


def _dealt(group: np.ndarray, seed: int) -> np.ndarray:
    order = list(range(group.max() + 1))
    random.Random(seed).shuffle(order)  # noqa: S311 -- not a secret
    folds = np.empty(len(order), int)
    folds[order] = np.arange(len(order)) % FOLDS
    return folds[group]


def _learned(corpus: Corpus, fold: np.ndarray) -> np.ndarray:
    """Every passage's scores by what was learned from the other folds."""
    scores = np.empty(corpus.marked.shape)
    signs, share = Signs(corpus.signs, corpus.company), _share(corpus)
    for held in range(FOLDS):
        for clause in range(len(corpus.keys)):
            _, _, found = learn(
                signs, share, _own(corpus, clause), corpus.marked[:, clause], corpus.contract, fold != held
            )
            scores[fold == held, clause] = found[fold == held]
    return scores


def _baseline(corpus: Corpus, fold: np.ndarray) -> np.ndarray:
    scores = np.empty(corpus.marked.shape)
    for held in range(FOLDS):
        scores[fold == held] = baseline(corpus.words, corpus.marked, fold != held)[fold == held]
    return scores


def _share(corpus: Corpus) -> np.ndarray:
    return np.array([1 / evenness(len(signs)) for signs in corpus.signs])


def _own(corpus: Corpus, clause: int) -> np.ndarray:
    return corpus.own[:, clause] * np.array([1, 1 / PHRASE_SCALE])


def _biases(right: np.ndarray) -> np.ndarray:
    """For each clause the score of its lowest right place in some contracts, `HIGHEST_BIAS` at most."""
    return np.floor(100 * np.fmin.reduce(right, axis=0, initial=HIGHEST_BIAS)) / 100


def _right(corpus: Corpus, scores: np.ndarray) -> np.ndarray:
    """For each contract and clause what the best marked passage scores; NaN where it is not among the first.

    A person sees no others than the first ones.
    """
    right = np.full(corpus.has.shape, np.nan)
    for contract, clause in zip(*np.nonzero(corpus.has), strict=True):
        here = np.flatnonzero(corpus.contract == contract)
        first = here[np.argsort(-scores[here, clause], kind="stable")[: FIRSTS[-1]]]
        right[contract, clause] = max(scores[first[corpus.marked[first, clause]], clause], default=np.nan)
    return right


def _shipped(corpus: Corpus, biases: np.ndarray) -> Iterator[str]:
    """The file of weights, learned from every contract."""
    signs, share = Signs(corpus.signs, corpus.company), _share(corpus)
    everything = np.ones(len(corpus.contract), bool)
    for clause, key in enumerate(corpus.keys):
        chosen, weights, _ = learn(
            signs, share, _own(corpus, clause), corpus.marked[:, clause], corpus.contract, everything
        )
        heading, phrases = weights[-2], weights[-1] / PHRASE_SCALE
        yield f"\n[{key}]\nbias = {biases[clause]:.2f}\n"
        yield f"heading = {heading:.2f}\nphrases = {phrases:.2f}\n[{key}.signs]\n"
        by_weight: dict[str, list[str]] = {}
        for sign, weight in sorted(zip(chosen, weights[:-2], strict=True), key=lambda found: -found[1]):
            if abs(weight) >= LEAST_WEIGHT:
                by_weight.setdefault(f"{weight:.2f}", []).append(signs.names[sign])
        for weight, names in by_weight.items():
            yield f"{json.dumps(weight)} = {json.dumps(sorted(names), ensure_ascii=False)}\n"


def _figures(corpus: Corpus, ways: Mapping[str, np.ndarray]) -> Iterator[tuple[str, str]]:
    counts = corpus.has.sum(0)
    found = {way: _found(corpus, scores) for way, scores in ways.items()}
    telling = {way: _telling(corpus, scores) for way, scores in ways.items()}
    for clause, key in enumerate(corpus.keys):
        figures = [
            f"{way} {' '.join(share_of(int(row[clause]), int(counts[clause])) for row in hits)}"
            f", absence {' '.join(f'{share:.2f}' for share in telling[way][:, clause])}"
            for way, hits in found.items()
        ]
        yield f"{key} ({counts[clause]})", "\n".join(figures)
    for name, chosen in (("all", counts > 0), (f"of {ENOUGH} contracts or more", counts >= ENOUGH)):
        means = [
            f"{way} {' '.join(f'{share:.3f}' for share in (hits / counts)[:, chosen].mean(1))}"
            f", absence {' '.join(f'{share:.2f}' for share in np.nanmean(telling[way][:, chosen], axis=1))}"
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


def _telling(corpus: Corpus, scores: np.ndarray) -> np.ndarray:
    """How well scores tell who has a clause: three shares for each clause.

    How often a contract with it scores higher than one without (the area under the curve); how many contracts
    without it have nothing above the bias; how many contracts with it have their right place not above it.
    The bias that judges a fold was chosen by the other ones.
    """
    starts = np.flatnonzero(np.append(True, corpus.contract[1:] != corpus.contract[:-1]))
    best = np.maximum.reduceat(scores, starts)
    right, fold = _right(corpus, scores), corpus.by_company[starts]
    biases = np.stack([_biases(right[fold != held]) for held in range(FOLDS)])[fold]
    shares = np.full((3, len(corpus.keys)), np.nan)
    for clause, has in enumerate(corpus.has.T):
        if 0 < has.sum() < len(has):
            pairs = best[has, clause][:, None] - best[~has, clause]
            shares[0, clause] = (pairs > 0).mean() + (pairs == 0).mean() / 2
            shares[1, clause] = (best <= biases)[~has, clause].mean()
        if has.any():
            shares[2, clause] = (right <= biases)[has, clause].mean()
    return shares


def share_of(hits: int, count: int) -> str:
    """A share with its 95 % interval, by Wilson."""
    share, z = hits / count, 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return f"{share:.2f} [{max(middle - half, 0):.2f} {middle + half:.2f}]"
