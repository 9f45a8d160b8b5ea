"""Reads what a conversion has to write, of a dataset in whichever version."""

import pathlib
from typing import Any

from tools.dataset.convert.plan import Plan
from tools.dataset.convert.read_v2x import VERSIONS
from tools.dataset.convert.read_v2x import read_v2x
from tools.dataset.convert.read_v30 import VERSION as V30
from tools.dataset.convert.read_v30 import read_v30
from tools.dataset.dataset import read_dataset
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import features_of
from tools.dataset.plain import just
from tools.refusal import Refused


def read_plan(path: pathlib.Path, *, images: bool = False) -> Plan:
    """Reads what is to be converted.

    Args:
        path: The dataset's folder.
        images: Its videos become images, also where its version could keep them.

    Raises:
        Refused: There is nothing to convert, or it is no dataset of a version that can be.
    """
    dataset = read_dataset(path)
    version = _checked_info(dataset.root, dataset.info, dataset.info_problem)
    if version == V30:
        return read_v30(dataset.root, dataset.info)
    videos = [feature.name for feature in dataset.features.values() if feature.is_video]
    if version == "v2.1" and not (images and videos):
        raise Refused(
            str(dataset.root),
            expected="something to convert: v3.0, v2.0, or videos and --images",
            found="v2.1" + (f" with videos ({', '.join(videos)})" if videos else " with images in the parquet"),
            todo="make JPEG of the videos with --images"
            if videos
            else f"nothing: {just('check-dataset', dataset.root)}",
        )
    return read_v2x(dataset, to_images=images)


def _checked_info(root: pathlib.Path, info: dict[str, Any], problem: str | None) -> str:
    """The version of a dataset whose info.json has all that a conversion asks of it."""
    version = info.get("codebase_version")
    fps, size, features = info.get("fps"), info.get("chunks_size"), features_of(info)
    told = info.get("features") if isinstance(info.get("features"), dict) else {}
    kinds = {name: one.get("dtype") if isinstance(one, dict) else one for name, one in told.items()}
    unknown = [
        f"{name}: {kinds[name]}"
        for name in told
        if name not in features
        or not (features[name].is_numeric or features[name].dtype in ("image", "video", "string"))
    ]
    sizes = [
        f"{name}: {list(one.shape)}" for name, one in features.items() if not all(0 < n < 2**31 for n in one.shape)
    ]
    odd = [
        f"{name}: {one.dtype} of shape {list(one.shape)}"
        for name, one in features.items()
        if name in INDEX_FEATURES and not (one.is_numeric and one.shape == (1,))
    ]
    grey = [name for name, one in features.items() if one.dtype in ("image", "video") and not _is_colour(one.shape)]
    for expected, found, todo in (
        ("a JSON object", problem, "fetch or copy the dataset again, whole"),
        (
            f"codebase_version {', '.join((*VERSIONS, V30))}",
            None if version in (*VERSIONS, V30) else repr(version),
            "older ones: convert with the LeRobot of their time to v2.0 first; newer ones are not known here",
        ),
        ("fps above zero", None if type(fps) in (int, float) and 0 < fps < 1e6 else repr(fps), "put it right there"),
        ("chunks_size above zero", None if type(size) is int and size > 0 else repr(size), "put it right there"),
        ("features, each of dtype numbers, image, video or string, with its shape", ", ".join(unknown), "drop those"),
        ("features of a size above zero", ", ".join(sizes), "put it right there"),
        ("cameras of three colours", ", ".join(grey), "drop those; LeRobot v2.1 has no others"),
        ("its index columns as features", ", ".join(INDEX_FEATURES.keys() - features.keys()), "put them right there"),
        ("its index columns as single numbers", ", ".join(odd), "put them right there"),
    ):
        if found:
            raise Refused(f"{root}: meta/info.json", expected=expected, found=found, todo=todo)
    return version


def _is_colour(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and 3 in (shape[0], shape[2])
