"""Model folders: what is written is read, damage is refused, a kill leaves the old or the new."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lookalike.embedding.card import Block, Card
from lookalike.embedding.model_folder import is_model_folder, read_model, write_model
from lookalike.errors import EmbedderError, ModelFileError

CARD = Card(name="small", width=4, size_px=32, model_digest="", mean=(1.0, 2.0, 3.0), scale=(4.0, 5.0, 6.0))


def test_what_was_written_is_read_back(tmp_path):
    written = write_model(tmp_path / "model", CARD, b"weights")

    card, model = read_model(tmp_path / "model")

    assert (card, model) == (written, b"weights")
    assert card.model_digest
    assert card.fingerprint == written.fingerprint
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["card.json", "model.onnx"]


@pytest.mark.parametrize("name", ["card.json", "model.onnx"])
def test_every_truncation_is_refused_by_name(tmp_path, name):
    folder = tmp_path / "model"
    write_model(folder, CARD, bytes(range(256)) * 4)
    whole = (folder / name).read_bytes()

    for kept in range(0, len(whole), 37):
        (folder / name).write_bytes(whole[:kept])
        with pytest.raises(ModelFileError, match=name):
            read_model(folder)


def test_every_flipped_bit_of_the_model_is_refused(tmp_path):
    folder = tmp_path / "model"
    write_model(folder, CARD, bytes(range(256)) * 4)
    whole = (folder / "model.onnx").read_bytes()

    for bit in np.random.default_rng(0).integers(0, 8 * len(whole), 60):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (folder / "model.onnx").write_bytes(flipped)
        with pytest.raises(ModelFileError, match=r"model\.onnx is damaged"):
            read_model(folder)


def test_a_flipped_bit_of_the_card_changes_no_vector_unnoticed(tmp_path):
    folder = tmp_path / "model"
    written = write_model(folder, CARD, b"weights")
    whole = (folder / "card.json").read_bytes()
    refused = 0

    for bit in range(0, 8 * len(whole), 23):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (folder / "card.json").write_bytes(flipped)
        try:
            assert read_model(folder)[0].fingerprint == written.fingerprint
        except ModelFileError:
            refused += 1

    assert refused > len(whole) // 10


@pytest.mark.parametrize(
    "changed",
    [
        {"surprise": 1},
        {"width": 0},
        {"width": 10**12},
        {"width": "4"},
        {"size_px": 10**9},
        {"precision": "f16"},
        {"mean": [1.0, 2.0]},
        {"scale": [1.0, 0.0, 1.0]},
        {"scale": ["a", "b", "c"]},
        {"name": ["x"]},
        {"model_digest": 7},
        {"blocks": [{"name": "colour", "start": 0, "stop": 9, "weight": 1.0}]},
        {"blocks": [{"name": "colour", "start": "a", "stop": 9, "weight": 1.0}]},
        {"blocks": 7},
    ],
)
def test_a_card_with_impossible_or_unknown_values_is_refused(tmp_path, changed):
    folder = tmp_path / "model"
    write_model(folder, CARD, b"weights")
    facts = json.loads((folder / "card.json").read_text())
    del facts["fingerprint"]
    (folder / "card.json").write_text(json.dumps(facts | changed))

    with pytest.raises(ModelFileError, match=r"card\.json"):
        read_model(folder)


def test_a_missing_model_and_a_missing_card_are_named(tmp_path):
    folder = tmp_path / "model"
    write_model(folder, CARD, b"weights")
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelFileError, match=r"model\.onnx is missing"):
        read_model(folder)

    (folder / "card.json").unlink()
    assert not is_model_folder(folder)
    with pytest.raises(ModelFileError, match=r"card\.json"):
        read_model(folder)


class KilledError(BaseException):
    """Stands for kill -9: nothing catches it."""


@pytest.mark.parametrize("step", range(9))
def test_a_writer_killed_at_any_step_leaves_the_old_or_the_new_model(tmp_path, monkeypatch, step):
    folder = tmp_path / "model"
    old = write_model(folder, CARD, b"old weights")
    steps = iter(range(100))

    def dying(real):
        def call(*args):
            if next(steps) == step:
                raise KilledError
            return real(*args)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", dying(os.fsync))
        patched.setattr(Path, "replace", dying(Path.replace))
        try:
            new = write_model(folder, replace(CARD, name="new"), b"new weights")
        except KilledError:
            new = None

    card, model = read_model(folder)
    assert (card.name, model) in [("small", b"old weights"), ("new", b"new weights")]
    assert (new is None) == (step < 6)
    if card.name == "small":
        assert card == old

    third = write_model(folder, replace(CARD, name="third"), b"third weights")
    assert read_model(folder) == (third, b"third weights")


def test_the_model_of_an_interrupted_writer_survives_the_death_of_the_next(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    write_model(folder, CARD, b"old")
    write_model(tmp_path / "other", replace(CARD, name="new"), b"new")
    (folder / "card.json").write_bytes((tmp_path / "other" / "card.json").read_bytes())
    (folder / "model.onnx.next").write_bytes(b"new")  # killed between the two renames

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EmbedderError, match="No space left"):
        write_model(folder, replace(CARD, name="third"), b"third")

    assert read_model(folder)[1] == b"new"


def test_blocks_and_unicode_survive_the_way_through_the_file(tmp_path):
    blocks = (Block("colour", 0, 2, 0.6), Block("shape", 2, 4, 0.8))
    card = write_model(tmp_path / "m", replace(CARD, name="Grünes Modell", blocks=blocks), b"w")

    assert read_model(tmp_path / "m")[0] == card
