"""Networks of timm, open_clip and transformers, on tiny random weights saved here."""

import json
import logging
import warnings

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.photos import Photo
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import EmbedderError, ModelFileError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import Query
from lookalike.retrieval.store import Store

pytestmark = pytest.mark.train


@pytest.fixture(scope="module", autouse=True)
def _torch():
    torch = pytest.importorskip("torch", reason="SKIPPED FOR WANT OF torch")
    from lookalike.embedding.torchvision_shim import mend_torchvision

    mend_torchvision()
    torch.manual_seed(1)


def imported(name):
    with warnings.catch_warnings():  # of their own imports, not of our use
        warnings.simplefilter("ignore")
        return pytest.importorskip(name, reason=f"SKIPPED FOR WANT OF {name}")


def photos(count, size_px):
    pixels = np.random.default_rng(5).integers(0, 256, (count, size_px, size_px, 3), np.uint8)
    return [Photo(each, (0, 0, size_px, size_px), size_px, size_px) for each in pixels]


def test_timm_weights_come_from_a_local_file_and_change_the_fingerprint(tmp_path):
    timm = imported("timm")
    from safetensors.torch import save_file

    whole = timm.create_model("test_resnet", num_classes=7)  # the head's weights are left over
    save_file(whole.state_dict(), tmp_path / "weights.safetensors")
    name = f"timm:test_resnet?weights={tmp_path / 'weights.safetensors'}&size=64"

    given, untrained = open_embedder(name), open_embedder("timm:test_resnet?weights=none&size=64")
    again = open_embedder(name)

    assert given.card.fingerprint == again.card.fingerprint != untrained.card.fingerprint
    assert given.card.mean == given.card.scale == (127.5, 127.5, 127.5)  # timm says 0.5 of 1
    batch = photos(3, 64)
    np.testing.assert_array_equal(given.encode(batch), again.encode(batch))
    assert given.encode(batch).shape == (3, whole.num_features)


def test_a_timm_transformer_takes_the_photo_size_that_is_asked_for():
    imported("timm")
    embedder = open_embedder("timm:test_vit?weights=none&size=64")

    assert embedder.card.size_px == 64
    assert embedder.encode(photos(2, 64)).shape == (2, embedder.card.width)


def test_weights_of_another_network_are_refused(tmp_path):
    timm = imported("timm")
    from safetensors.torch import save_file

    save_file(timm.create_model("test_vit").state_dict(), tmp_path / "vit.safetensors")

    with pytest.raises(ModelFileError, match="another network"):
        open_embedder(f"timm:test_resnet?weights={tmp_path / 'vit.safetensors'}")
    with pytest.raises(EmbedderError, match="no network 'resnet999'"):
        open_embedder("timm:resnet999?weights=none")


@pytest.mark.parametrize(
    "name", ["timm:resnet18", "open_clip:ViT-B-32/laion2b_s34b_b79k", "transformers:a/b"]
)
def test_hub_weights_without_a_network_are_refused_at_once(name, monkeypatch, tmp_path):
    imported(name.split(":")[0])
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("lookalike.embedding.hub.answers", lambda address: False)

    with pytest.raises(EmbedderError, match="not here, and the hub cannot be reached"):
        open_embedder(name)


def test_an_open_clip_tower_opens_from_a_local_file(tmp_path, caplog):
    open_clip = imported("open_clip")
    from safetensors.torch import save_file

    settings = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 64, "heads": 1, "layers": 1},
    }
    (tmp_path / "tiny-clip.json").write_text(json.dumps(settings))
    open_clip.add_model_config(tmp_path / "tiny-clip.json")
    with caplog.at_level(logging.CRITICAL):
        whole = open_clip.create_model("tiny-clip", pretrained_text=False)
    save_file(whole.state_dict(), tmp_path / "clip.safetensors")

    given = open_embedder(f"open_clip:tiny-clip?weights={tmp_path / 'clip.safetensors'}")
    untrained = open_embedder("open_clip:tiny-clip?weights=none")

    assert (given.card.width, given.card.size_px) == (24, 32)
    assert given.card.fingerprint != untrained.card.fingerprint
    assert given.encode(photos(2, 32)).shape == (2, 24)
    with pytest.raises(EmbedderError, match="no hub weights"):
        open_embedder("open_clip:tiny-clip")
    with pytest.raises(EmbedderError, match="no model 'tinier-clip'"):
        open_embedder("open_clip:tinier-clip")


def saved_transformer(kind, folder):
    transformers = imported("transformers")
    small = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    image = {**small, "image_size": 32, "patch_size": 16}
    if kind == "clip":
        text = {**small, "vocab_size": 64, "max_position_embeddings": 8}
        config = transformers.CLIPConfig(text_config=text, vision_config=image, projection_dim=24)
        model = transformers.CLIPModel(config)
    elif kind == "vit":
        model = transformers.ViTModel(transformers.ViTConfig(**image))
    else:
        model = transformers.Dinov2Model(transformers.Dinov2Config(**image))
    model.save_pretrained(folder)
    return model.eval()


@pytest.mark.parametrize(("kind", "width"), [("clip", 24), ("vit", 32), ("dinov2", 32)])
def test_transformers_saved_in_a_folder_open(tmp_path, kind, width):
    saved_transformer(kind, tmp_path / kind)
    (tmp_path / kind / "preprocessor_config.json").write_text(
        json.dumps({"image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.2, 0.2]})
    )

    embedder = open_embedder(f"transformers:{tmp_path / kind}")

    assert (embedder.card.width, embedder.card.size_px) == (width, 32)
    assert embedder.card.mean == pytest.approx((102.0, 127.5, 153.0))
    batch = photos(3, 32)
    np.testing.assert_allclose(embedder.encode(batch)[:1], embedder.encode(batch[:1]), atol=1e-5)


def test_transformers_with_pickled_or_damaged_files_are_refused(tmp_path):
    saved_transformer("vit", tmp_path / "vit")
    weights = tmp_path / "vit" / "model.safetensors"
    whole = weights.read_bytes()

    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelFileError, match="no model that transformers can load"):
        open_embedder(f"transformers:{tmp_path / 'vit'}")

    weights.rename(tmp_path / "vit" / "pytorch_model.bin")
    with pytest.raises(ModelFileError, match="can run code"):
        open_embedder(f"transformers:{tmp_path / 'vit'}")
    with pytest.raises(EmbedderError, match="There is no folder"):
        open_embedder(f"transformers:{tmp_path / 'absent'}")


def test_the_text_tower_of_open_clip_speaks_in_the_space_of_its_photos(tmp_path, caplog):
    open_clip = imported("open_clip")
    from safetensors.torch import save_file

    settings = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 1, "layers": 1},
    }
    (tmp_path / "tiny-spoken.json").write_text(json.dumps(settings))
    open_clip.add_model_config(tmp_path / "tiny-spoken.json")
    with caplog.at_level(logging.CRITICAL):
        whole = open_clip.create_model("tiny-spoken", pretrained_text=False).eval()
        save_file(whole.state_dict(), tmp_path / "spoken.safetensors")
        embedder = open_embedder(f"open_clip:tiny-spoken?weights={tmp_path / 'spoken.safetensors'}")

    texts = ["a red canvas shoe", "a teapot", "a very long text " * 40]
    vectors = embedder.text.encode(texts)
    expected = whole.encode_text(open_clip.get_tokenizer("tiny-spoken")(texts)).detach().numpy()

    assert vectors.shape == (3, embedder.card.width)
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)
    np.testing.assert_allclose(embedder.text.encode(texts[:1]), vectors[:1], atol=1e-5)

    items = [Item(str(n), (View(encoded(drawn_photo(n))),)) for n in range(3)]  # without any text
    store = Store.create(tmp_path / "store", card=embedder.card)
    index_catalogue(Catalogue(tuple(items), source="drawn"), store, embedder)
    engine = SearchEngine(embedder, store)
    found = engine.search(Query(words="a teapot"), 3)
    about = engine.snapshot.matrix - engine.snapshot.matrix.mean(axis=0)
    cosines = about @ vectors[1] / np.linalg.norm(about, axis=1)
    assert found.items == tuple(engine.snapshot.ids[place] for place in np.argsort(-cosines))


def tokenizer_of(words):
    """A tokenizer of whole words, as a model's folder holds it."""
    tokenizers, transformers = imported("tokenizers"), imported("transformers")
    vocabulary = {word: place for place, word in enumerate(["<pad>", "<unk>", "<end>", *words])}
    plain = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    plain.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    marked = tokenizers.processors.TemplateProcessing(single="$A <end>", special_tokens=[("<end>", 2)])
    plain.post_processor = marked
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, pad_token="<pad>", unk_token="<unk>", eos_token="<end>"
    )


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_the_text_tower_of_a_transformers_folder_answers_words(tmp_path, kind):
    transformers = imported("transformers")
    small = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    text = {**small, "vocab_size": 64, "max_position_embeddings": 8, "eos_token_id": 2}
    image = {**small, "image_size": 32, "patch_size": 16}
    if kind == "clip":
        config = transformers.CLIPConfig(text_config=text, vision_config=image, projection_dim=24)
        model = transformers.CLIPModel(config)
    else:
        config = transformers.SiglipConfig(text_config={**text, "projection_size": 32}, vision_config=image)
        model = transformers.SiglipModel(config)
    model.eval().save_pretrained(tmp_path / kind)
    embedder = open_embedder(f"transformers:{tmp_path / kind}")
    with pytest.raises(EmbedderError, match="tokenizer"):
        embedder.text.encode(["red shoe"])

    tokenizer_of(["red", "shoe", "teapot"]).save_pretrained(tmp_path / kind)
    embedder = open_embedder(f"transformers:{tmp_path / kind}")
    vectors = embedder.text.encode(["red shoe", "teapot", "red shoe"])

    assert vectors.shape == (3, embedder.card.width)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-5)
    assert vectors[0] @ vectors[1] < 0.9999


def test_a_model_of_photos_alone_has_no_text_tower(tmp_path):
    saved_transformer("vit", tmp_path / "vit")
    assert open_embedder(f"transformers:{tmp_path / 'vit'}").text is None
    assert open_embedder("descriptor").text is None
