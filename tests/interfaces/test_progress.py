"""Progress for a log file: lines, as many as one wants to read."""

from __future__ import annotations

from lookalike.interfaces.cli import progress


def test_several_lots_are_told_one_after_the_other(capsys):
    with progress.progress_bars("embedding") as advance:
        for name in ("one", "two"):
            for done in range(1, 21):
                advance(name, done, 20)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 20
    assert (lines[9], lines[10]) == ("embedding, one: 20/20 photos", "embedding, two: 2/20 photos")


def test_a_second_lot_under_the_same_name_is_told_too(capsys):
    with progress.progress_bar("decoding") as advance:
        for _ in range(2):
            for done in range(1, 11):
                advance(done, 10)
    assert capsys.readouterr().err.splitlines().count("decoding: 10/10 photos") == 2


def test_short_epochs_write_no_lines_and_long_ones_some(capsys, monkeypatch):
    clock = iter(range(0, 10_000, 20))
    monkeypatch.setattr(progress.time, "monotonic", lambda: 0.0)
    with progress.training_bars() as advance:
        advance("decoding", 10, 10)
        for done in range(1, 11):
            advance("epoch 1", done, 10)
        monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
        for done in range(1, 11):
            advance("epoch 2", done, 10)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "decoding: 10/10 photos"
    assert 0 < len(lines[1:]) < 10
    assert all(line.startswith("epoch 2") and line.endswith("batches") for line in lines[1:])
