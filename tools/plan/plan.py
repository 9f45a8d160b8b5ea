"""Works out the patched tree in memory and checks all of it; writes nothing.

What a patch did to the tree is its verdict:

- `applied`: the change was made.
- `already`: the change, ours, stands there already.
- `upstream`: upstream does by itself what the patch is for, so it is left out.
- `skipped`: left out because the user said so.
- `refused`: it cannot be made exactly as meant; the reason says what was looked for and what is nearest.
"""

import ast
import dataclasses
import difflib

from tools.plan.edited_file import CannotEdit
from tools.plan.edited_file import EditedFile
from tools.plan.edited_file import overlay_modules
from tools.plan.overlay_files import OverlayFile
from tools.plan.overlay_needs import objection
from tools.plan.patch import Edit
from tools.plan.patch import Patch
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream.trees import Tree

Files = dict[str, EditedFile]


@dataclasses.dataclass(frozen=True)
class EditResult:
    """One edit of a patch: how many places it matched, and the lines it touches in the patched file, from 1."""

    file: str
    codemod: str
    places: int
    lines: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class PatchResult:
    """The verdict on one patch; `files` holds what it changed, as it is after this patch.

    `stopped_at` is the edit of a refused patch that found no place; `in_the_way` is what makes the place useless, in words.
    """

    patch: Patch
    verdict: str
    reason: str
    edits: tuple[EditResult, ...] = ()
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    stopped_at: Edit | None = None
    in_the_way: str = ""


@dataclasses.dataclass(frozen=True)
class Plan:
    """A patched tree, worked out and checked, not yet written; `objection` is what speaks against the overlay there."""

    upstream: Tree
    overlay: dict[str, OverlayFile]
    results: list[PatchResult]
    objection: Refused | None = None

    @property
    def ok(self) -> bool:
        """No patch was refused, and the overlay fits."""
        return self.objection is None and all(result.verdict != "refused" for result in self.results)


def make_plan(
    upstream: Tree,
    overlay: dict[str, OverlayFile],
    series: list[Patch],
    *,
    skip: tuple[str, ...] = (),
    whole: bool = True,
) -> Plan:
    """Lays overlay and series over a tree, in memory.

    Args:
        upstream: The pristine tree; the files that patches name are read, and those that the overlay depends on.
        overlay: What `read_overlay` gave.
        series: What `read_series` gave.
        skip: Names of patches to leave out on purpose.
        whole: The tree has more than the files that patches name, so that it can be asked whether the overlay fits.

    Returns:
        The plan with a verdict for each patch; a patch that cannot be made is a verdict, not an exception, and an
        overlay that does not fit is the plan's objection.

    Raises:
        WrongUsage: `skip` names no patch.
    """
    if unknown := sorted(set(skip) - {patch.name for patch in series}):
        known = ", ".join(patch.name for patch in series)
        raise WrongUsage("--skip", expected=f"the name of a patch: {known}", found=unknown[0], todo="name one of these")
    contents = upstream.read(sorted({e.file for patch in series for e in (*patch.edits, *patch.upstream_has)}))
    files: Files = {path: EditedFile(path, content, content) for path, content in contents.items()}
    results = []
    for patch in series:
        if patch.name in skip:
            results.append(PatchResult(patch, "skipped", "left out with --skip"))
            continue
        result, files = _lay(patch, files, upstream)
        results.append(result)
    modules = overlay_modules({path: file.content for path, file in overlay.items()})
    against = objection(overlay, upstream) if whole else None
    return Plan(upstream, overlay, _checked(results, files, modules), against)


def _lay(patch: Patch, files: Files, upstream: Tree) -> tuple[PatchResult, Files]:
    """Makes the edits of one patch, all of them or none; returns the verdict and the files after it."""
    for edit in patch.edits:
        if reason := _comes_too_late(edit.file, upstream):
            return PatchResult(patch, "refused", reason, stopped_at=edit), files
    after, reason, in_the_way = dict(files), "", ""
    try:
        for edit in patch.edits:
            if edit.file not in after:
                raise CannotEdit(_no_file(edit.file, upstream))
            after[edit.file] = after[edit.file].edit(edit, patch.name)
        changed = sorted(path for path, file in after.items() if file.text != files[path].text)
        if not changed:
            return PatchResult(patch, "already", "ours is there", _edits(patch, after)), after
    except CannotEdit as e:
        reason, in_the_way = str(e), e.in_the_way
    if patch.upstream_has and _upstream_has_it(patch, files):
        return PatchResult(patch, "upstream", "; ".join(str(has.probe) for has in patch.upstream_has)), files
    if reason:
        return PatchResult(patch, "refused", reason, stopped_at=edit, in_the_way=in_the_way), files
    return PatchResult(patch, "applied", "", _edits(patch, after), {path: after[path].text for path in changed}), after


def _upstream_has_it(patch: Patch, files: Files) -> bool:
    try:
        return all(has.file in files and files[has.file].answers(has) for has in patch.upstream_has)
    except (SyntaxError, ValueError):
        return False  # the edits have said what is wrong with the file


def _checked(results: list[PatchResult], files: Files, modules: dict[str, ast.Module]) -> list[PatchResult]:
    """The results with the lines where each edit stands in the end, and a patch refused whose edit is at fault."""
    faults = dict(fault for file in files.values() if (fault := file.fault(modules)) is not None)
    return [
        PatchResult(result.patch, "refused", faults[result.patch.name])
        if result.patch.name in faults
        else dataclasses.replace(result, edits=_edits(result.patch, files) if result.edits else ())
        for result in results
    ]


def _edits(patch: Patch, files: Files) -> tuple[EditResult, ...]:
    made = {id(m.edit): m for file in files.values() for m in file.made if m.patch == patch.name}
    return tuple(EditResult(e.file, e.codemod, made[id(e)].places, made[id(e)].lines) for e in patch.edits)


def package_of(path: str) -> str:
    """The file that Python reads in place of a module's, where a tree has it."""
    return path.removesuffix(".py") + "/__init__.py"


def _comes_too_late(path: str, upstream: Tree) -> str:
    """Why Python never reads a module's file; "" where it does."""
    package = package_of(path)
    if package not in upstream.modes():
        return ""
    found = f"found {package}, which comes before it, so that nothing in {path} is run"
    return f"looked for {path} as the module that Python imports; {found}. Make the change in the package"


def _no_file(path: str, upstream: Tree) -> str:
    name = path.rpartition("/")[2]
    there = list(upstream.modes())
    near = [p for p in there if p.endswith(f"/{name}")] or difflib.get_close_matches(path, there, n=3, cutoff=0.8)
    return f"looked for the file {path}; found none" + (f". Nearest:\n  {near[0]}" if near else "")
