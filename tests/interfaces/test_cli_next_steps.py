"""What the command line says to do next is a command that works as it stands."""

from __future__ import annotations

import shlex

import pytest
from tests.conftest import drawn_photo, encoded


@pytest.fixture
def store(run, item_folder, tmp_path):
    run("index", item_folder, "--store", tmp_path / "my store", "--model", "descriptor")
    return tmp_path / "my store"


@pytest.fixture
def pasted(run):
    """Run the command that a line of output ends with."""

    def paste(text: str, mark: str, **places: object) -> tuple[int, str, str]:
        line = next(line for line in text.splitlines() if mark in line)
        program, *words = shlex.split(line.split(mark)[1])
        assert program == "lookalike"
        return run(*(places.get(word, word) for word in words))

    return paste


def test_indexing_says_how_to_search(run, pasted, item_folder, tmp_path):
    (tmp_path / "new.jpg").write_bytes(encoded(drawn_photo(0)))
    _, out, _ = run("index", item_folder, "--store", tmp_path / "a shop", "--model", "descriptor")
    status, out, _ = pasted(out, "Next: ", PHOTO=tmp_path / "new.jpg")
    assert status == 0
    assert out.startswith("  1")


def test_an_upgrade_leads_from_start_to_switch_and_back(run, pasted, store):
    _, out, _ = run("upgrade", "start", "--store", store, "--model", "pixels")
    _, out, _ = pasted(out, "Next: ")
    status, out, _ = pasted(out, "Next: ")
    assert status == 0
    assert "answers with the new model" in out
    status, out, _ = pasted(out, "Back: ")
    assert status == 0
    assert "answers with the model from before" in out


def test_an_unknown_item_is_answered_with_the_nearest_ids_and_where_all_are(run, pasted, store):
    status, _, err = run("search", "--item", "cups/itm-1", "--store", store)
    assert status == 2
    assert "Do you mean cups/item-1" in err
    status, out, _ = pasted(err, "All ids: ", STORE=store)
    assert status == 0
    assert "cups/item-1" in out.splitlines()
    assert len(out.splitlines()) == 6


def test_removing_what_is_not_there_says_how_to_see_the_ids(run, pasted, store):
    _, _, err = run("remove", "nothing", "--store", store)
    assert len(pasted(err, "See the ids: ")[1].splitlines()) == 6


@pytest.mark.parametrize(
    ("options", "owner"),
    [
        (("--linear",), "classify"),
        (("--query", "back", "--gallery", "front", "--label", "category"), "classify"),
        (("--protocol", "view-gap", "--query", "back"), "query-gallery"),
    ],
)
def test_an_option_that_a_protocol_does_not_heed_is_refused(run, store, options, owner):
    status, _, err = run("evaluate", "--store", store, *options)
    assert status == 2
    assert "does not heed" in err
    assert f"--protocol {owner}" in err


def test_a_verb_nearly_right_is_answered_with_the_right_one(run):
    assert "Do you mean search?" in run("serch", "photo.jpg")[2]


def test_help_is_pointed_to_where_it_is(run, store):
    assert "lookalike search --help" in run("search", "x.jpg", "--store", store, "--crop", "0", "0", "1")[2]


def test_info_names_what_a_model_was_trained_on_and_an_items_lack_of_a_category(run, tmp_path):
    assert "quality            " in run("info", "lookalike")[1]
    (tmp_path / "photos" / "thing").mkdir(parents=True)
    (tmp_path / "photos" / "thing" / "front.jpg").write_bytes(encoded(drawn_photo(0)))
    assert "(none): 1" in run("info", tmp_path / "photos")[1]


def test_the_ids_of_no_store_are_asked_for_by_name(run):
    assert "--store STORE --items" in run("info", "--items")[2]


def test_a_filter_that_nothing_passes_names_the_nearest_value(run, store):
    status, out, err = run("search", "--item", "cups/item-1", "--where", "category=cusp", "--store", store)
    assert status == 0
    assert "No item passes." in out
    assert "No item has 'cusp' in 'category'. Do you mean cups?" in err
