"""Lets a checkpoint load into a model with another number of action dimensions.

The released checkpoints have 32 action dimensions. In a model with fewer, the weights next to the actions and the state
have another shape and cannot be loaded: they keep their placeholder, and `scripts/train.py` initialises what is still
a placeholder. Every other weight must fit, since a model that trains from noise by mistake looks like one that learns
slowly.
"""

from collections.abc import Iterator, Mapping
import logging
import os
import re
from typing import Any

import jax

logger = logging.getLogger(__name__)

# A regex, full-matched against the "/"-joined path of a weight: a match may differ in shape too.
PATTERN_VARIABLE = "OPENPI_SHAPE_SKIP"

# Weights that may differ by default, with the one axis whose size is the number of action dimensions.
ACTION_AXES = {
    "action_in_proj/kernel": 0,
    "action_out_proj/kernel": 1,
    "action_out_proj/bias": 0,
    "state_proj/kernel": 0,
}


class _Placeholder(jax.ShapeDtypeStruct):
    """A placeholder that stays one where every weight is cast, asked or not, as upstream did before 2025-02."""

    def astype(self, dtype: Any) -> "_Placeholder":
        return _Placeholder(self.shape, dtype)


def skip_mismatched(loaded_params: Mapping[str, Any], params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Replaces loaded weights that cannot fit by the reference weights at the same path.

    Args:
        loaded_params: The weights of the checkpoint, as nested dictionaries.
        params: The reference, as nested dictionaries; its leaves are usually `jax.ShapeDtypeStruct` placeholders.

    Returns:
        `loaded_params` with the skipped weights replaced. No weight is copied and neither argument is changed; paths
        that are in one of the two only are left as they are.

    Raises:
        ValueError: Other weights differ in shape (all of them are listed), or OPENPI_SHAPE_SKIP is not a regex.
    """
    pattern = _read_pattern()
    skipped, wrong = {}, []
    for path, loaded, ref in _find_mismatched(loaded_params, params):
        key = "/".join(path)
        loaded_shape, ref_shape = _shape(loaded), _shape(ref)
        if _differs_in_action_dim(key, loaded_shape, ref_shape) or (pattern is not None and pattern.fullmatch(key)):
            skipped[path] = (loaded_shape, ref)
        else:
            wrong.append(f"  {key}: loaded {loaded_shape}, expected {ref_shape}")
    if wrong:
        raise ValueError(
            f"{len(wrong)} weights of the checkpoint do not fit the model; expected the same shapes everywhere but in "
            "the action and state projections, found:\n"
            + "\n".join(wrong)
            + "\nCheck that paligemma_variant, action_expert_variant and pi05 of the config are those of the "
            f"checkpoint. To initialise weights anew on purpose, set {PATTERN_VARIABLE} to a regex that matches "
            "their whole paths."
        )
    for path, (loaded_shape, ref) in skipped.items():
        logger.info(
            "Skipping weight %s: shape mismatch (loaded %s, expected %s)", "/".join(path), loaded_shape, _shape(ref)
        )
    return _replace(loaded_params, {path: _castable(ref) for path, (_, ref) in skipped.items()})


def _read_pattern() -> re.Pattern[str] | None:
    text = os.environ.get(PATTERN_VARIABLE, "")
    try:
        return re.compile(text) if text else None
    except re.error as e:
        raise ValueError(
            f"{PATTERN_VARIABLE}: expected a regex such as 'PaliGemma/img/.*', found {text!r} ({e}). Mend or unset it."
        ) from e


def _find_mismatched(loaded: Any, ref: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yields (path, loaded leaf, reference leaf) wherever both have a leaf and the shapes differ."""
    if isinstance(loaded, Mapping) and isinstance(ref, Mapping):
        for key, value in loaded.items():
            if key in ref:
                yield from _find_mismatched(value, ref[key], (*path, str(key)))
    # A leaf against a folder of leaves is a key that is missing on one side, which is for the caller to judge.
    elif not isinstance(loaded, Mapping) and not isinstance(ref, Mapping) and _shape(loaded) != _shape(ref):
        yield path, loaded, ref


def _castable(ref: Any) -> Any:
    return _Placeholder(ref.shape, ref.dtype) if type(ref) is jax.ShapeDtypeStruct else ref


def _shape(leaf: Any) -> tuple[int, ...]:
    return tuple(leaf.shape)


def _differs_in_action_dim(key: str, loaded_shape: tuple[int, ...], ref_shape: tuple[int, ...]) -> bool:
    if key not in ACTION_AXES or len(loaded_shape) != len(ref_shape):
        return False
    return [i for i, (a, b) in enumerate(zip(loaded_shape, ref_shape, strict=True)) if a != b] == [ACTION_AXES[key]]


def _replace(tree: Any, leaves: Mapping[tuple[str, ...], Any], path: tuple[str, ...] = ()) -> Any:
    """Returns `tree` with some leaves replaced; whatever lies beside the way to them is shared, not copied."""
    if not any(p[: len(path)] == path for p in leaves):
        return tree
    if path in leaves:
        return leaves[path]
    return {key: _replace(value, leaves, (*path, str(key))) for key, value in tree.items()}
