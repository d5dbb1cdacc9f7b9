"""Several models on one catalogue under one protocol, with paired intervals against a named one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Catalogue, View
from lookalike.embedding.embedder import Embedder
from lookalike.errors import EvaluationError
from lookalike.evaluation.answerable import check_answerable
from lookalike.evaluation.bootstrap import Difference, paired_bootstrap
from lookalike.evaluation.evaluated import Evaluated, codes_of
from lookalike.evaluation.evaluating import RESAMPLES, report_of
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.leaks import leaks_within
from lookalike.evaluation.outcome import Outcome, Protocol
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.evaluation.report import Report

BASELINES = ("pixels", "descriptor", "untrained")
"""In every comparison: raw pixels, colour and shape without a model, and a network that learned nothing."""


@dataclass(frozen=True, eq=False)
class Contender:
    """One model of a comparison.

    Args:
        name: its card's name.
        report: what it reached.
        against: how much better than the comparison's baseline it is, by figure; empty for that one itself.
        outcome: what it answered, query by query, in rows of ``Comparison.views``.
    """

    name: str
    report: Report
    against: Mapping[str, Difference]
    outcome: Outcome


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several models under one protocol.

    Args:
        contenders: best headline first.
        baseline: the name of the model that differences are taken to.
        views: the catalogue's views, a row each.
        items: the id of each view's item.
    """

    contenders: tuple[Contender, ...]
    baseline: str
    views: tuple[View, ...]
    items: tuple[str, ...]

    def __getitem__(self, name: str) -> Contender:
        """The contender of that name.

        Raises:
            EvaluationError: there is none.
        """
        for contender in self.contenders:
            if contender.name == name:
                return contender
        known = ", ".join(contender.name for contender in self.contenders)
        raise EvaluationError(f"No contender is called {name!r}.", hint=f"There are: {known}.")

    def difference(self, first: str, second: str, figure: str = "") -> Difference:
        """First less second on the same queries, paired; the headline where no figure is named.

        Raises:
            EvaluationError: there is no such contender or figure.
        """
        ours, theirs = self[first], self[second]
        figure = figure or ours.report.headline.name
        found = _differences(ours.outcome, theirs.outcome, codes_of(self.items), seed=ours.report.seed)
        if figure not in found:
            raise EvaluationError(f"There is no figure {figure!r}.", hint=f"There are: {', '.join(found)}.")
        return found[figure]

    def to_json(self) -> str:
        """The comparison as JSON: every report, and every difference to the baseline."""
        contenders = [
            {
                "name": contender.name,
                "report": asdict(contender.report),
                "against": {name: asdict(found) for name, found in contender.against.items()},
            }
            for contender in self.contenders
        ]
        return json.dumps({"baseline": self.baseline, "contenders": contenders}, indent=2)

    def to_text(self, width: int | None = None) -> str:
        """The comparison as tables for a terminal: as many columns as its ``width`` in letters holds."""
        from lookalike.evaluation.comparison_text import text_of

        return text_of(self, width)


def compare(  # noqa: PLR0913 - what to compare, how, and what to keep of it
    catalogue: Catalogue,
    embedders: Sequence[Embedder],
    protocol: Protocol = LeaveOneViewOut(),  # noqa: B008 - frozen
    *,
    baseline: str = "descriptor",
    by: Sequence[str] = (),
    seed: int = 0,
    cache: Path | None = None,
    command: str = "",
    progress: Callable[[str, int, int], None] | None = None,
) -> Comparison:
    """Every model's report on one catalogue, always with ``BASELINES`` among them.

    Args:
        catalogue: whose views are embedded by each model.
        embedders: what to compare; baselines that are not among them by their card's name are added.
        protocol: what is asked of whom.
        baseline: the name of the model that differences are taken to.
        by: columns; the headline is also given for each value of each.
        seed: of the bootstrap.
        cache: a folder for vectors, so that a second comparison takes no time.
        command: what the user ran, kept in the reports.
        progress: told the model, views done, and all views.

    Raises:
        EvaluationError: the data cannot answer the protocol, two models share a name, or no model has the
            baseline's.
    """
    contestants = with_baselines(embedders)
    _check_baseline(baseline, [embedder.card.name for embedder in contestants])
    check_answerable(catalogue, protocol, by=by)
    seen: dict[str, Evaluated] = {}
    for embedder in contestants:
        name = embedder.card.name

        def tell(done: int, total: int, name: str = name) -> None:
            if progress is not None:
                progress(name, done, total)

        seen[name] = embed_catalogue(catalogue, embedder, cache=cache, progress=tell)
    return compare_evaluated(seen, protocol, baseline=baseline, by=by, seed=seed, command=command)


def with_baselines(embedders: Sequence[Embedder]) -> list[Embedder]:
    """The given embedders and those of ``BASELINES`` that are not among them.

    Raises:
        EvaluationError: two share a name, so their figures could not be told apart.
    """
    from lookalike.embedding.zoo import open_embedder

    names = [embedder.card.name for embedder in embedders]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise EvaluationError(
            f"Two models are called {doubled[0]!r}.", hint="Give each model's card a name of its own."
        )
    return [*embedders, *(open_embedder(name) for name in BASELINES if name not in names)]


def compare_evaluated(  # noqa: PLR0913 - as compare
    seen: Mapping[str, Evaluated],
    protocol: Protocol = LeaveOneViewOut(),  # noqa: B008 - frozen
    *,
    baseline: str = "descriptor",
    by: Sequence[str] = (),
    seed: int = 0,
    check_leaks: bool = True,
    across: tuple[str, ...] = (),
    command: str = "",
) -> Comparison:
    """The comparison of vectors that are at hand: by name of the model, the same views for each.

    Args:
        seen: the vectors.
        protocol, baseline, by, seed, command: as ``compare``.
        check_leaks: look for doubled and near-doubled photos among the views.
        across: what is known already of leaks across a split, as lines for the reports.

    Raises:
        EvaluationError: as ``compare``, or the models saw different views.
    """
    _check_baseline(baseline, list(seen))
    base = seen[baseline]
    if any(one.ids != base.ids or not np.array_equal(one.codes, base.codes) for one in seen.values()):
        raise EvaluationError("The models saw different views.", hint="Embed the same catalogue with each.")
    leaks = across + (leaks_within(base) if check_leaks else ("not asked for",))
    outcomes = {name: protocol.measure(one) for name, one in seen.items()}
    contenders = []
    for name, outcome in outcomes.items():
        columns = {column: base.column(column) for column in by}
        report = report_of(
            seen[name], protocol, outcome, columns=columns, seed=seed, leaks=leaks, command=command
        )
        against = {} if name == baseline else _differences(outcome, outcomes[baseline], base.codes, seed=seed)
        contenders.append(Contender(name, report, against, outcome))
    contenders.sort(key=lambda contender: -contender.report.headline.value)
    return Comparison(tuple(contenders), baseline, base.views, tuple(item.id for item in base.items))


def _check_baseline(name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise EvaluationError(f"No model is called {name!r}.", hint=f"Choose one of: {', '.join(known)}.")


def _differences(
    ours: Outcome, theirs: Outcome, codes: NDArray[np.int64], *, seed: int
) -> dict[str, Difference]:
    """Paired differences of the overall figures."""
    return {
        one.name: paired_bootstrap(
            one.columns,
            other.columns,
            codes[one.rows],
            combine=one.combine,
            resamples=RESAMPLES,
            seed=seed,
        )
        for one, other in zip(ours.measures, theirs.measures, strict=True)
        if one.section == "overall"
    }
