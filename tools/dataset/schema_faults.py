"""What keeps a data file's schema from being read as LeRobot needs it."""

import functools
import json
import re

import pyarrow as pa

from tools.dataset.features import IMAGE_TYPE
from tools.dataset.features import Feature

# What `datasets` 3.6 can make of `_type`; any other word is a ValueError, in whatever column it stands.
KNOWN_TYPES = (
    "Value", "ClassLabel", "Translation", "TranslationVariableLanguages", "LargeList", "Sequence", "Array2D", "Array3D",
    "Array4D", "Array5D", "Audio", "Image", "Video", "Pdf",
)  # fmt: skip
# What each cannot be made without, and all that the two lists take: for the others one word more does no harm.
_NEEDS = {
    "Value": {"dtype"},
    "Translation": {"languages"},
    "LargeList": {"feature"},
    "Sequence": {"feature"},
    **{f"Array{n}D": {"shape", "dtype"} for n in (2, 3, 4, 5)},
}
_TAKES = {"LargeList": {"_type", "id", "feature"}, "Sequence": {"_type", "id", "feature", "length"}}
# Its dtypes are functions of pyarrow, or these with something in brackets.
_WITH_BRACKETS = re.compile(r"(timestamp|duration|time32|time64|decimal128|decimal256)[\[(]")


def metadata_fault(schema: pa.Schema) -> str | None:
    """What is wrong with the `huggingface` metadata: "none" where there is none, None where it is right."""
    raw = (schema.metadata or {}).get(b"huggingface")
    return "none" if raw is None else _fault_of(raw)


@functools.lru_cache(maxsize=64)  # nearly all files of a dataset say the same
def _fault_of(raw: bytes) -> str | None:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as e:
        return f"not JSON: {e}"
    if not isinstance(said, dict) or not isinstance(said.get("info", {}), dict):
        return "not an object with info"
    features = said.get("info", {}).get("features")
    if features is None:
        return "none"
    if not isinstance(features, dict):
        return "features is no object"
    unknown = unknown_word(features)
    return f"unknown to datasets 3: {unknown}" if unknown else None


def camera_faults(schema: pa.Schema, features: dict[str, Feature]) -> dict[str, str]:
    """By column, why LeRobot would not see an image in it; of files with metadata that can be read.

    A struct column is asked too where info.json does not call it a camera: LeRobot cannot read another.
    """
    fault = metadata_fault(schema)
    if fault not in (None, "none"):
        return {}
    raw = (schema.metadata or {}).get(b"huggingface")
    said = _features(raw) if raw is not None else {}
    faults = {}
    for field in schema:
        declared = features.get(field.name)
        if not pa.types.is_struct(field.type) and not (declared and declared.is_image):
            continue
        if field.type != IMAGE_TYPE:
            faults[field.name] = str(field.type)
        elif not field.nullable:
            faults[field.name] = f"{field.type}, not nullable"
        elif fault is None and not _is_image(said.get(field.name)):
            faults[field.name] = f"{field.type}, but {said.get(field.name)} in the metadata"
    return faults


def can_be_mended(camera_fault: str) -> bool:
    """Whether a column of which `camera_faults` says this holds an image's bytes, so that a repair makes a camera of it."""
    return re.match(r"(struct<(.*, )?bytes: )?(large_)?binary", camera_fault) is not None


@functools.lru_cache(maxsize=64)
def _features(raw: bytes) -> dict:
    return json.loads(raw).get("info", {}).get("features") or {}


def _is_image(said: object) -> bool:
    """Whether it is decoded, and with its colours: `decode` false gives a dict, another `mode` converts."""
    kind = said if isinstance(said, dict) else {}
    return kind.get("_type") == "Image" and kind.get("decode", True) is True and kind.get("mode") in (None, "RGB")


def unknown_word(said: object) -> str | None:
    """What of an entry in the metadata `datasets` 3 has no word for; None where it knows all of it."""
    if isinstance(said, list):
        return next((found for one in said if (found := unknown_word(one))), None)
    if not isinstance(said, dict):
        return repr(said)
    kind = said.get("_type")
    if kind is None or isinstance(kind, dict):
        return next((found for one in said.values() if (found := unknown_word(one))), None)
    if kind not in KNOWN_TYPES:
        return f"feature type {kind!r}"
    if missing := _NEEDS.get(kind, set()) - set(said):
        return f"{kind} without {', '.join(sorted(missing))}"
    if more := set(said) - _TAKES.get(kind, set(said)):
        return f"{kind} with {', '.join(sorted(more))}"
    if kind == "Value" and not _is_dtype(said["dtype"]):
        return f"dtype {said['dtype']!r}"
    return unknown_word(said["feature"]) if "feature" in said else None


def _is_dtype(name: object) -> bool:
    return isinstance(name, str) and (hasattr(pa, name) or hasattr(pa, f"{name}_") or bool(_WITH_BRACKETS.match(name)))
