"""A finished model as a frozen backbone: a recipe trains a head on it, and one graph comes out."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from tests.training.drawn import drawn_catalogue, quick  # noqa: E402

from lookalike.catalogue.photos import read_photo  # noqa: E402
from lookalike.embedding.card import Card  # noqa: E402
from lookalike.embedding.model_folder import write_model  # noqa: E402
from lookalike.embedding.untrained import untrained_model  # noqa: E402
from lookalike.embedding.zoo import open_embedder  # noqa: E402
from lookalike.errors import TrainingError  # noqa: E402
from lookalike.training.heads import make_learner  # noqa: E402
from lookalike.training.running import train  # noqa: E402


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    card = Card("plain", 256, 96, "", mean=(127.5, 127.5, 127.5), scale=(127.5, 127.5, 127.5))
    folder = tmp_path_factory.mktemp("models") / "plain"
    write_model(folder, card, untrained_model(seed=3))
    return folder


def on(plain, **changed):
    sections = {
        "data": {"size_px": 96},
        "backbone": {"name": "model", "weights": str(plain), "frozen": True, "cached_variants": 2},
        "augmentation": {"flip": True},
    }
    for name, section in changed.items():
        sections[name] = {**sections.get(name, {}), **section}
    return quick(**sections)


def test_a_head_is_trained_on_kept_features_and_exported_with_the_models_graph(plain, tmp_path):
    catalogue = drawn_catalogue(12)
    trained = train(catalogue, on(plain), tmp_path)
    photos = [read_photo(item.views[0].read(), size_px=96) for item in catalogue]
    tuned, base = open_embedder(trained.model), open_embedder(plain)
    assert (tuned.card.width, tuned.card.mean) == (16, base.card.mean)
    learner = trained.measured.comparisons[0]["quick"].report
    assert learner.headline.queries > 0
    assert not np.allclose(tuned.encode(photos), base.encode(photos)[:, :16])


def test_what_is_exported_without_a_head_is_the_model_itself(plain, tmp_path):
    trained = train(drawn_catalogue(12), on(plain, head={"embedding": "backbone"}), tmp_path)
    photo = read_photo(drawn_catalogue(1)[0].views[0].read(), size_px=96)
    ours, theirs = open_embedder(trained.model).encode([photo]), open_embedder(plain).encode([photo])
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"backbone": {"frozen": False}}, "frozen"),
        ({"head": {"hidden": [8]}}, "linear"),
        ({"data": {"size_px": 64}}, "96 px"),
    ],
)
def test_what_a_finished_graph_cannot_do_is_refused_before_training(plain, changed, named):
    with pytest.raises(TrainingError, match=named):
        make_learner(on(plain, **changed), classes=[3])
