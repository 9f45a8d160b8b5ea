"""Reads `patches/`: the patches, in the order of the series."""

import pathlib

from tools.command import ROOT
from tools.plan.patch import Patch
from tools.plan.patch_file import read
from tools.plan.patch_file import read_patch
from tools.refusal import Refused

PATCHES = ROOT / "patches"


def read_series(folder: pathlib.Path = PATCHES) -> list[Patch]:
    """Reads the patches that `series` names, in its order.

    Raises:
        Refused: a name without a file, a file without a name, or a file that is not as a patch must be.
    """
    series = folder / "series"
    lines = read(series).decode(errors="replace").splitlines()
    names = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    files = {path.stem for path in folder.glob("*.toml")}
    wrong = [f"{name} is named twice" for name in sorted(set(names)) if names.count(name) > 1]
    wrong += [f"{name} has no file {name}.toml" for name in sorted(set(names) - files)]
    wrong += [f"{name}.toml is not named" for name in sorted(files - set(names))]
    if wrong:
        raise Refused(
            str(series),
            expected="every patch file named once, a line each",
            found="; ".join(wrong),
            todo="add the missing line or file, or remove the one that is left over",
        )
    return [read_patch(folder / f"{name}.toml") for name in names]
