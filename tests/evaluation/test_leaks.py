from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.leaks import check_split, leaks_across, leaks_within


def picture(seed: int) -> Image.Image:
    """Soft blobs, as photos have: noise would not survive a thumbnail."""
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)).resize(
        (120, 120), Image.Resampling.BICUBIC
    )


def photo(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def shop(**photos: bytes) -> Catalogue:
    """One item a photo, of a style that is the first letter of its id."""
    return Catalogue(tuple(Item(n, (View(b),), {"style": n[0]}) for n, b in photos.items()))


def kinds(left: Catalogue, right: Catalogue, **options) -> list[str]:
    return [leak.kind for leak in check_split(left, right, **options).leaks]


def test_different_photos_of_different_items_are_clean():
    left, right = (
        shop(a=photo(picture(0)), b=photo(picture(1))),
        shop(c=photo(picture(2)), d=photo(picture(3))),
    )
    check_split(left, right, group="style").require_clean()


def test_a_shared_item_group_or_photo_is_found():
    same = photo(picture(0))
    assert kinds(shop(a1=same), shop(b1=same)) == ["same photo"]
    assert kinds(shop(a1=photo(picture(0))), shop(a2=photo(picture(1))), group="style") == ["same style"]
    assert kinds(shop(a1=photo(picture(0))), shop(a1=photo(picture(1)))) == ["same item"]


@pytest.mark.parametrize(
    "again",
    [
        lambda image: photo(image, "JPEG", quality=60),
        lambda image: photo(image.resize((70, 70)), "JPEG", quality=90),
        lambda image: photo(ImageEnhance.Contrast(image).enhance(1.04)),
    ],
    ids=["recompressed", "resized", "retouched"],
)
def test_a_near_duplicate_is_found_and_can_be_left_unsought(again):
    left, right = shop(a=photo(picture(0)), b=photo(picture(1))), shop(c=again(picture(0)))
    assert kinds(left, right) == ["near-duplicate"]
    assert kinds(left, right, near=False) == []


def test_near_duplicates_across_a_split_are_counted_by_held_out_photo():
    left = shop(a=photo(picture(0)), b=photo(picture(0), "JPEG", quality=90), c=photo(picture(1)))
    right = shop(d=photo(picture(0), "JPEG", quality=60), e=photo(picture(2)))
    (line,) = leaks_across(list(left.views()), list(right.views()))
    assert line.startswith("near-duplicates across the split: 1 held-out photo is like one learned from")
    assert leaks_across(list(left.views())[2:], list(right.views())) == ()


def test_a_recoloured_copy_is_another_item():
    turned = Image.merge("RGB", picture(0).split()[::-1])
    assert kinds(shop(a=photo(picture(0))), shop(c=photo(turned))) == []


def test_a_leaking_split_is_refused_by_name():
    same = photo(picture(0))
    with pytest.raises(EvaluationError, match=r"The split leaks: 1 .* same photo"):
        check_split(shop(a=same), shop(b=same)).require_clean()


def test_doubles_within_a_catalogue_are_told_apart_by_item():
    one, other = photo(picture(0)), photo(picture(0), "JPEG", quality=70)
    far = photo(picture(5))
    items = [Item("a", ()), Item("a", ()), Item("b", ()), Item("c", ())]
    views = tuple(View(content) for content in (one, other, one, far))
    seen = Evaluated(tuple(items), views, tuple(v.id for v in views), np.eye(4, dtype=np.float32), "x@0")
    assert leaks_within(seen) == (
        "same photo: 2 views have their very photo in another item",
        "near-duplicates: 1 pair of views within one item",
        "near-duplicates: 1 pair of views of different items",
    )
    assert leaks_within(seen, near=False)[-1] == "near-duplicates were not looked for"
