"""Where a page about a dataset may be written: anywhere but over the dataset."""

import pathlib

from tools.refusal import WrongUsage

# What LeRobot reads; a page in data/ it would read as an episode.
_READ = ("data", "meta", "videos")


def page_target(root: pathlib.Path, page: pathlib.Path, option: str, name: str) -> pathlib.Path:
    """The absolute path of a page.

    Args:
        root: The dataset's folder.
        page: As the user wrote it.
        option: By which it was given, such as "--out".
        name: A file name for what to do instead.

    Raises:
        WrongUsage: It cannot be written there, or must not.
    """
    target = page.expanduser().absolute()

    def wrong(expected: str, found: str, instead: pathlib.Path | str = name) -> WrongUsage:
        return WrongUsage(str(page), expected=expected, found=found, todo=f"{option} {instead}")

    if target.is_dir():
        raise wrong("a file to write", "a folder", page / name)
    if not target.parent.is_dir():
        raise wrong("a file in a folder that is there", "no such folder")
    # By what the folders are and not by their names: links lead here too, and a Mac takes Data for data.
    folders = [folder for one in _READ if (folder := root.expanduser() / one).is_dir()]
    inside = next((one for above in target.resolve().parents for one in folders if above.samefile(one)), None)
    if inside is not None:
        raise wrong(
            "a page outside of the dataset's data/, meta/ and videos/",
            f"a place in {inside.name}/, which LeRobot reads",
        )
    if target.exists() and not target.is_file():
        raise wrong("a file to write", "something else")
    return target
