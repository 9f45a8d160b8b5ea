"""The shape skip: only what depends on the number of action dimensions may differ, and nothing is copied or changed."""

import copy
import dataclasses
import logging

import pytest

from openpi.training import shape_skip


@dataclasses.dataclass(frozen=True)
class Weight:
    """Stands for an array, and for the placeholder of one."""

    shape: tuple[int, ...]
    kind: str = "loaded"


def make_params(kind: str, *, dim: int, width: int = 64) -> dict:
    return {
        "PaliGemma": {"llm": {"embedder": {"input_embedding": Weight((100, width), kind)}}},
        "action_in_proj": {"kernel": Weight((dim, width), kind), "bias": Weight((width,), kind)},
        "action_out_proj": {"kernel": Weight((width, dim), kind), "bias": Weight((dim,), kind)},
        "state_proj": {"kernel": Weight((dim, width), kind), "bias": Weight((width,), kind)},
    }


def list_kinds(params: dict, path: str = "") -> dict[str, str]:
    if isinstance(params, Weight):
        return {path.removeprefix("/"): params.kind}
    return {p: kind for key, value in params.items() for p, kind in list_kinds(value, f"{path}/{key}").items()}


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch):
    monkeypatch.delenv(shape_skip.PATTERN_VARIABLE, raising=False)


def test_nothing_differs():
    loaded = make_params("loaded", dim=32)
    assert shape_skip.skip_mismatched(loaded, make_params("ref", dim=32)) is loaded


def test_projections_of_another_action_dim_keep_the_placeholder(caplog):
    loaded, ref = make_params("loaded", dim=32), make_params("ref", dim=6)
    before = copy.deepcopy((loaded, ref))
    with caplog.at_level(logging.INFO):
        merged = shape_skip.skip_mismatched(loaded, ref)
    assert list_kinds(merged) == {
        "PaliGemma/llm/embedder/input_embedding": "loaded",
        "action_in_proj/kernel": "ref",
        "action_in_proj/bias": "loaded",
        "action_out_proj/kernel": "ref",
        "action_out_proj/bias": "ref",
        "state_proj/kernel": "ref",
        "state_proj/bias": "loaded",
    }
    assert (loaded, ref) == before
    assert merged["action_in_proj"]["kernel"] is ref["action_in_proj"]["kernel"]
    assert merged["PaliGemma"] is loaded["PaliGemma"]
    text = "Skipping weight action_in_proj/kernel: shape mismatch (loaded (32, 64), expected (6, 64))"
    assert text in caplog.messages
    assert len(caplog.messages) == 4


def test_every_other_mismatch_is_listed_in_one_error(caplog):
    with caplog.at_level(logging.INFO), pytest.raises(ValueError, match="do not fit the model") as error:
        shape_skip.skip_mismatched(make_params("loaded", dim=32, width=32), make_params("ref", dim=6))
    lines = [line.strip() for line in str(error.value).splitlines()]
    assert "PaliGemma/llm/embedder/input_embedding: loaded (100, 32), expected (100, 64)" in lines
    # The width of a projection is no action dimension.
    assert "action_in_proj/kernel: loaded (32, 32), expected (6, 64)" in lines
    assert "action_in_proj/bias: loaded (32,), expected (64,)" in lines
    assert "action_out_proj/kernel: loaded (32, 32), expected (64, 6)" in lines
    assert "state_proj/bias: loaded (32,), expected (64,)" in lines
    # The bias of the output has as many values as there are action dimensions, which may differ.
    assert not any(line.startswith("action_out_proj/bias") for line in lines)
    assert "paligemma_variant" in lines[-1]
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (("action_in_proj", "kernel"), (32, 65)),
        (("action_in_proj", "kernel"), (6, 65)),
        (("action_in_proj", "kernel"), (6, 64, 1)),
        (("action_out_proj", "kernel"), (65, 32)),
        (("action_out_proj", "bias"), (1, 32)),
    ],
)
def test_a_projection_that_differs_elsewhere_is_a_mismatch(path, shape):
    loaded, ref = make_params("loaded", dim=32), make_params("ref", dim=6)
    loaded[path[0]][path[1]] = Weight(shape)
    with pytest.raises(ValueError, match=f"1 weights(.|\n)*{'/'.join(path)}: loaded "):
        shape_skip.skip_mismatched(loaded, ref)


def test_a_projection_elsewhere_in_the_tree_is_a_mismatch():
    loaded = {"PaliGemma": {"action_in_proj": {"kernel": Weight((32, 64))}}}
    ref = {"PaliGemma": {"action_in_proj": {"kernel": Weight((6, 64), "ref")}}}
    with pytest.raises(ValueError, match="PaliGemma/action_in_proj/kernel"):
        shape_skip.skip_mismatched(loaded, ref)


def test_missing_and_extra_weights_are_left_to_the_caller():
    loaded, ref = make_params("loaded", dim=32), make_params("ref", dim=32)
    loaded["extra"] = {"kernel": Weight((1,))}
    ref["lora"] = {"kernel": Weight((2,), "ref")}
    ref["nested"] = {"kernel": {"a": Weight((2,), "ref")}}
    loaded["nested"] = {"kernel": Weight((2,))}
    assert shape_skip.skip_mismatched(loaded, ref) is loaded


def test_the_setting_widens_what_may_differ(monkeypatch):
    monkeypatch.setenv(shape_skip.PATTERN_VARIABLE, "PaliGemma/.*")
    loaded, ref = make_params("loaded", dim=32), make_params("ref", dim=32)
    loaded["PaliGemma"] = {"llm": {"embedder": {"input_embedding": Weight((90, 64))}}}
    kinds = list_kinds(shape_skip.skip_mismatched(loaded, ref))
    assert kinds.pop("PaliGemma/llm/embedder/input_embedding") == "ref"
    assert set(kinds.values()) == {"loaded"}


def test_the_setting_must_match_the_whole_path(monkeypatch):
    monkeypatch.setenv(shape_skip.PATTERN_VARIABLE, "PaliGemma")
    loaded, ref = make_params("loaded", dim=32), make_params("ref", dim=32)
    loaded["PaliGemma"]["llm"]["embedder"]["input_embedding"] = Weight((90, 64))
    with pytest.raises(ValueError, match="input_embedding"):
        shape_skip.skip_mismatched(loaded, ref)


def test_a_bad_setting_is_named(monkeypatch):
    monkeypatch.setenv(shape_skip.PATTERN_VARIABLE, "PaliGemma/(")
    params = make_params("loaded", dim=32)
    with pytest.raises(ValueError, match=r"OPENPI_SHAPE_SKIP: expected a regex .* found 'PaliGemma/\('"):
        shape_skip.skip_mismatched(params, params)
