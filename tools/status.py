"""`just status`: is the build what lock, patches and overlay say, and did anyone edit it?"""

import dataclasses
import json as json_text
import os
import pathlib
import shlex

from tools.builds import build
from tools.builds import stamp as stamps
from tools.builds import user_edits
from tools.command import ROOT
from tools.command import run
from tools.lock import Lock
from tools.lock import read_lock
from tools.plan import overlay_files
from tools.plan import patches
from tools.plan.overlay_files import OverlayFile
from tools.refusal import Refused
from tools.upstream import store
from tools.upstream.open_tree import open_tree


@dataclasses.dataclass(frozen=True)
class Status:
    """How a build stands.

    Attributes:
        state: "clean", "edited", "behind" or "edited and behind".
        edited: The tracked files that the user changed.
        behind: What changed since the build was made, a sentence each.
        new: Source files that the user added, which no apply changes or removes.
        stamp: What the build was made of.
    """

    state: str
    edited: list[str]
    behind: list[str]
    new: list[str]
    stamp: stamps.Stamp


def look(out: pathlib.Path, lock: Lock) -> Status:
    """Compares a build with the lock, the patches and the overlay as they are now; raises `Refused` without one."""
    stamp = build.read(out)
    overlay = overlay_files.read_overlay()
    edited = [path for path in user_edits.edited(out, stamp.commit) if not _harvested(out, path, stamp, overlay)]
    series = patches.read_series()
    behind = [
        *_upstream_moved(stamp, lock),
        *_differences("patch", stamp.patches, {patch.name: patch.digest for patch in series}),
        *_reordered(stamp.series, [patch.name for patch in series]),
        *_differences("overlay", stamp.overlay, {p: f.digest for p, f in overlay.items()}),
    ]
    state = " and ".join(word for word, there in (("edited", edited), ("behind", behind)) if there) or "clean"
    new = [path for path in user_edits.new_files(out, stamp.commit) if not _harvested(out, path, stamp, overlay)]
    return Status(state, edited, behind, new, stamp)


def status(*, out: pathlib.Path = build.BUILD, json: bool = False) -> int:
    """Say whether the build is in order: clean, edited (which files), or behind lock, patches or overlay.

    Exit code 0 when it is clean, 1 when it is not or there is none.

    Example:
        just status

    Args:
        out: The folder of the build.
        json: Print the result as JSON.
    """
    found = look(out.absolute(), read_lock(ROOT / "upstream.lock"))
    stamp = found.stamp
    if json:
        answer = {
            "ok": found.state == "clean",
            "state": found.state,
            "edited": found.edited,
            "behind": found.behind,
            "new": found.new,
            "upstream": {key: stamp.upstream[key] for key in ("source", "id", "date")},
            "patches": stamp.results,
            "out": str(out.absolute()),
            "commit": stamp.commit,
        }
        print(json_text.dumps(answer, indent=2))
        return 0 if answer["ok"] else 1
    made_of = f", made of {_shown(named)}" if (named := stamp.upstream.get("named")) else ""
    print(f"{found.state}{made_of}: {out.absolute()}  {stamp.commit[:12]}")
    print(f"  upstream  {stamp.upstream['source']} {stamp.upstream['id'][:40]}  {stamp.upstream['date']}")
    for result in stamp.results:
        print(f"  patch     {result['name']}: {result['verdict']}")
    for path in found.edited:
        print(f"  edited    {path}")
    for path in found.new:
        print(f"  new       {path}")
    for sentence in found.behind:
        print(f"  behind    {sentence}")
    if stamp.upstream["source"] == "sdist":
        print(
            "  mirror    not the locked commit; where git is reached: just sync-upstream --source git, then just apply"
        )
    if found.new:
        add = shlex.join(["git", "-C", _shown(str(out.absolute())), "add", "-N", "PATH"])
        carry = shlex.join(["just", "harvest", "PATH", *_where(out.absolute())])
        print(f"a new file is in this build alone, until it is carried into overlay/: {carry}; into just diff: {add}")
    if found.edited:
        if any(path in stamp.overlay for path in found.edited):
            carry = shlex.join(["just", "harvest", *_where(out.absolute())])
            print(f"carry edits of overlay files back: {carry}")
        if any(path not in stamp.overlay for path in found.edited):
            print("edits of upstream's own files are kept as a patch: docs/patches.md")
        print(f"set all edits aside on a branch: {_apply_again(stamp, out.absolute())} --force")
    elif found.behind:
        print(f"bring it up to date: {_apply_again(stamp, out.absolute())}")
    return 0 if found.state == "clean" else 1


def _harvested(out: pathlib.Path, path: str, stamp: stamps.Stamp, overlay: dict[str, OverlayFile]) -> bool:
    """Was an edit carried back into the overlay already?"""
    ours = overlay.get(path)
    if ours is None or ours.digest == stamp.overlay.get(path):
        return False
    return (out / path).is_file() and (out / path).read_bytes() == ours.content


def _upstream_moved(stamp: stamps.Stamp, lock: Lock) -> list[str]:
    """What moved below the build: the lock, or the folder that `--upstream` named; a commit that it named stays."""
    source, built, named = stamp.upstream["source"], stamp.upstream["id"], stamp.upstream.get("named", "")
    if named:
        return [] if named == built else _folder_changed(named, built)
    if stamp.lock != {"commit": lock.commit, "mirror": lock.mirror.sha256}:
        return [f"the lock names {lock.commit[:12]} now; the build was made when it named {stamp.lock['commit'][:12]}"]
    if source == "folder" or (source == "git" and built != lock.commit):  # by an apply that kept no name
        return ["it was made of another upstream than the locked one, which `just apply` would take instead"]
    now = store.find_locked(store.DEFAULT, lock)
    if source == "sdist" and now is not None and now.source == "git":
        return [f"it was made of the mirror; the locked commit {lock.commit[:12]} is here now"]
    return []


def _folder_changed(folder: str, built: str) -> list[str]:
    try:
        now = open_tree(pathlib.Path(folder)).origin.id
    except Refused as refusal:
        return [f"{_shown(folder)}, of which it was made, cannot be read any more: {refusal.found}"]
    return [f"{_shown(folder)}, of which it was made, has changed since"] if now != built else []


def _apply_again(stamp: stamps.Stamp, out: pathlib.Path) -> str:
    """The command that makes this build anew, with the options that it was made with."""
    words = ["just", "apply"]
    if named := stamp.upstream.get("named"):
        words += ["--upstream", _shown(named)]
    words += _where(out)
    for result in stamp.results:
        words += ["--skip", result["name"]] if result["verdict"] == "skipped" else []
    return shlex.join(words)


def _where(out: pathlib.Path) -> list[str]:
    """The option that names a build elsewhere than in its own place."""
    return [] if out == build.BUILD else ["--out", _shown(str(out))]


def _shown(name: str) -> str:
    """A folder as short as it can be from where the user stands; a commit as it is."""
    return min(name, os.path.relpath(name), key=len) if os.path.isabs(name) else name


def _reordered(built: list[str], now: list[str]) -> list[str]:
    return ["the series has another order"] if built != now and sorted(built) == sorted(now) else []


def _differences(what: str, built: dict[str, str], now: dict[str, str]) -> list[str]:
    return [
        f"{what} {name}: " + ("new" if name not in built else "gone" if name not in now else "changed")
        for name in sorted(built.keys() | now.keys())
        if built.get(name) != now.get(name)
    ]


if __name__ == "__main__":
    run(status, "just status")
