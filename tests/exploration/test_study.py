from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from tests.conftest import drawn_photo

from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.zoo import open_embedder
from lookalike.exploration.study.reporting import StudySettings, contestants_of, run_study
from lookalike.interfaces.cli import main

QUIET = StudySettings(model="descriptor", study_models=False)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The report that the verb writes of eight drawn items in two categories."""
    folder = tmp_path_factory.mktemp("study")
    for item in range(8):
        place = folder / "photos" / ("cups" if item < 4 else "hats") / f"item-{item}"
        place.mkdir(parents=True)
        for view, role in enumerate(("front", "back")):
            drawn_photo(item, size=(96 + 8 * view, 80)).save(place / f"{view}_{role}.png")
    out = folder / "report"
    with pytest.raises(SystemExit) as end:
        main(
            ["study", str(folder / "photos"), "--out", str(out), "--model", "descriptor", "--no-study-models"]
        )
    assert end.value.code in (0, None)
    return out / "study.html"


def test_the_report_goes_through_the_whole_study(page):
    text = page.read_text()
    titles = re.findall(r"<h2>(.*?)</h2>", text)
    for part in (
        "The data",
        "PCA",
        "t-SNE",
        "Eigenvectors",
        "models",
        "embedded",
        "Prediction",
        "Results",
        "One view",
    ):
        assert any(part in title for title in titles), part
    assert text.count("Beside the study.") == len(titles)
    assert "Not shown" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_every_figure_is_a_png_and_every_table_a_csv(page):
    folder = page.parent
    drawn = {path.name for path in (folder / "figures").rglob("*.png")}
    assert {"scree.png", "pca-kmeans.png", "tsne-gmm.png", "arrows.png", "models.png", "results.png"} <= drawn
    with (folder / "tables" / "models.csv").open() as file:
        rows = list(csv.reader(file))
    assert {"descriptor", "pixels", "untrained"} <= {row[0] for row in rows}
    assert re.fullmatch(r"\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]", rows[1][1])
    assert page.read_text().count("data:image/png") == len(list((folder / "figures").rglob("*.png")))


def test_single_photo_items_get_a_report_that_says_what_cannot_be_shown(tmp_path):
    for number in range(8):
        folder = tmp_path / "photos" / f"item-{number}"
        folder.mkdir(parents=True)
        drawn_photo(number).save(folder / "photo.png")
    page = run_study(read_catalogue(tmp_path / "photos"), tmp_path / "out", QUIET)
    text = page.read_text()
    assert "No item has two views" in text
    assert "PCA" in text


def test_two_photos_get_a_report(tmp_path):
    folder = tmp_path / "photos" / "only"
    folder.mkdir(parents=True)
    for number in range(2):
        drawn_photo(number).save(folder / f"{number}.png")
    assert run_study(read_catalogue(tmp_path / "photos"), tmp_path / "out", QUIET).is_file()


def test_networks_without_weights_are_named_not_guessed(monkeypatch):
    monkeypatch.setattr("lookalike.exploration.study.measuring.STUDY_MODELS", {"VGG16": "no-such-embedder"})
    chosen = open_embedder("descriptor")
    contestants, absent = contestants_of(chosen, StudySettings(model="descriptor"))
    assert contestants[0] is chosen
    assert "no-such-embedder" in absent["VGG16"]
    assert "resnet34-supcon" in absent["ResNet-34, contrastive"]
