"""The whole study on one catalogue: every section that the data allow, and a plain word for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lookalike.catalogue.items import Catalogue
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import LookalikeError
from lookalike.evaluation.compare import with_baselines
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.weighed import by_kind
from lookalike.exploration.naming import naming_columns
from lookalike.exploration.palette import COLOURS
from lookalike.exploration.study import looking, measuring
from lookalike.exploration.study.page import write_page
from lookalike.exploration.study.sections import Section

Tell = Callable[[str], None]
Progress = Callable[[int, int], None]
LABELS = ("category", "label")


@dataclass(frozen=True)
class StudySettings:
    """How the study is run.

    Args:
        model: the embedder that the maps and clusters are of.
        models: further ones to compare: names or model folders.
        study_models: also try the study's own networks, whose weights come from the hub.
        clusters: of k-means and of the mixture; the number of known classes where None, at most nine.
        seed: of everything random.
        cache: folder for vectors; None for ``cache`` in the output.
    """

    model: str = "default"
    models: tuple[str, ...] = ()
    study_models: bool = True
    clusters: int | None = None
    seed: int = 0
    cache: Path | None = None


def run_study(
    catalogue: Catalogue,
    out: Path,
    settings: StudySettings,
    *,
    command: str = "",
    tell: Tell = lambda _line: None,
    progress: Progress | None = None,
) -> Path:
    """Write the report of a catalogue; the path of its page.

    Args:
        catalogue: the photos.
        out: folder of the report: ``study.html``, ``health.html``, ``figures/``, ``tables/``.
        settings: see ``StudySettings``.
        command: what the user ran, kept in the page.
        tell: told what is done, a line a section.
        progress: told about photos embedded.

    Raises:
        EvaluationError: no photo of the catalogue can be used.
        EmbedderError: the chosen model cannot be opened.
        MissingExtra: matplotlib, openTSNE or scikit-learn is not installed.
    """
    chosen = open_embedder(settings.model)
    embedders, absent = contestants_of(chosen, settings)
    cache = settings.cache or out / "cache"
    measured: dict[str, Evaluated] = {}
    for embedder in embedders:
        tell(f"embedding by {embedder.card.name}")
        measured[embedder.card.name] = embed_catalogue(catalogue, embedder, cache=cache, progress=progress)
    seen = measured[chosen.card.name]
    kinds = by_kind(seen, chosen.card)
    quality = partial(looking.data_quality, seen, chosen.card, out)
    sections = [_made("The data", quality, tell)]
    sections += _sections(
        measured, kinds, absent, out, settings, baseline="descriptor", command=command, tell=tell
    )
    about = (
        f"{catalogue.source or 'a catalogue'}: {len(catalogue)} items, {catalogue.view_count} photos, "
        f"{seen.without_vector} of them unusable.",
        f"Maps and clusters by {kinds.fingerprint}; seed {settings.seed}. {command}",
        "Every figure is also in figures/, every table in tables/.",
    )
    return write_page(sections, out / "study.html", title="The study, on your catalogue", about=about)


def _sections(  # noqa: PLR0913 - what the sections are made of
    measured: dict[str, Evaluated],
    kinds: Evaluated,
    absent: dict[str, str],
    out: Path,
    settings: StudySettings,
    *,
    baseline: str,
    command: str,
    tell: Tell,
) -> list[Section]:
    seen = next(iter(measured.values()))
    seed = settings.seed
    label = next((name for name in LABELS if name in naming_columns(seen)), None)
    k = _clusters(kinds, label, settings)
    makers: list[tuple[str, Callable[[], Section]]] = [
        ("PCA and k-means", lambda: looking.pca_section(kinds, out, k=k, seed=seed)),
        ("t-SNE and Gaussian mixture", lambda: looking.tsne_section(kinds, out, k=k, seed=seed)),
        ("Eigenvectors", lambda: looking.eigenvector_section(seen, out)),
        (
            "The models",
            lambda: measuring.models_section(measured, absent, out, baseline=baseline, command=command),
        ),
        ("Deep embedded clustering", lambda: measuring.dec_section(kinds, column=label, seed=seed)),
    ]
    if label is not None:
        column = label
        makers.append(
            ("Prediction", lambda: measuring.prediction_section(kinds, out, column=column, seed=seed))
        )
    makers += [
        ("Results, nearest first", lambda: measuring.results_section(seen, out, seed=seed)),
        ("One view against several", lambda: measuring.views_section(seen, out, seed=seed)),
    ]
    return [_made(title, maker, tell) for title, maker in makers]


def _made(title: str, maker: Callable[[], Section], tell: Tell) -> Section:
    """The section, or one that says why this catalogue has none."""
    tell(title)
    try:
        return maker()
    except LookalikeError as error:
        return Section(title, (f"Not shown: {error.message} {error.hint}",), "The study's data allowed it.")


def contestants_of(chosen: Embedder, settings: StudySettings) -> tuple[Sequence[Embedder], dict[str, str]]:
    """The chosen model first, the given ones, the study's that can be opened, and the baselines."""
    given = [chosen, *(open_embedder(name) for name in settings.models)]
    absent: dict[str, str] = {}
    if settings.study_models:
        for name, address in measuring.STUDY_MODELS.items():
            try:
                given.append(open_embedder(address))
            except LookalikeError as error:
                absent[name] = error.message
        absent["ResNet-34, contrastive"] = (
            "it has to be trained on the catalogue first (lookalike train, recipe resnet34-supcon) and "
            "given by --with"
        )
    return with_baselines(given), absent


def _clusters(seen: Evaluated, label: str | None, settings: StudySettings) -> int:
    """What was asked for, else the number of known classes, at most as many as have a colour of their own."""
    known = len({value for value in seen.column(label) if value is not None}) if label else len(COLOURS)
    wanted = settings.clusters or min(known, len(COLOURS))
    return max(1, min(wanted, len(seen) - 1))
