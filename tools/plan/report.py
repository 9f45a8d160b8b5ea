"""Shows what apply did: a table for people, JSON for machines."""

import dataclasses
import pathlib
import sys
from typing import Any

import rich.console
import rich.table

from tools.plan.overlay_needs import in_words
from tools.plan.plan import PatchResult
from tools.plan.plan import Plan

_COLOURS = {"applied": "green", "already": "green", "upstream": "cyan", "skipped": "yellow", "refused": "red"}


def in_place(result: PatchResult) -> PatchResult:
    """The result for a build that has the patch already."""
    return dataclasses.replace(result, verdict="already") if result.verdict == "applied" else result


def as_json(plan: Plan, results: list[PatchResult], out: pathlib.Path | None, commit: str | None) -> dict[str, Any]:
    """The result of apply as `--json` prints it; `out` and `commit` are null where nothing was written."""
    origin = plan.upstream.origin
    return {
        "ok": plan.ok,
        "upstream": {"source": origin.source, "id": origin.id, "date": origin.date},
        "patches": [
            {
                "name": result.patch.name,
                "verdict": result.verdict,
                "reason": result.reason,
                "edits": [
                    {"file": e.file, "codemod": e.codemod, "places": e.places, "lines": list(e.lines)}
                    for e in result.edits
                ],
                "by_hand": by_hand(result),
            }
            for result in results
        ],
        "overlay": in_words(plan.objection),
        "out": str(out) if out and plan.ok else None,
        "commit": commit,
    }


def by_hand(result: PatchResult) -> list[dict[str, str]]:
    """What the user would have to write for a refused patch: file, where in it, and the code."""
    told = [(edit, edit.change.by_hand()) for edit in result.patch.edits] if result.verdict == "refused" else []
    mend = (
        {id(result.stopped_at): f" (and mend this, or it does nothing: {result.in_the_way})"}
        if result.in_the_way
        else {}
    )
    return [{"file": edit.file, "where": one.where + mend.get(id(edit), ""), "code": one.code} for edit, one in told]


def show(plan: Plan, results: list[PatchResult], out: pathlib.Path, *, check: bool) -> None:
    """Prints the table of patches to standard output, and the reason of each refusal below it."""
    console = rich.console.Console(file=sys.stdout, highlight=False, soft_wrap=True)
    origin = plan.upstream.origin
    console.print(f"upstream  {origin.source} {origin.id[:40]}  {origin.date}", markup=False)
    if origin.note:  # once in an apply, and its first sentence only
        first, _, rest = origin.note.partition(". ")
        console.print(
            f"          {first.rstrip('.')}{'; how it differs: just sync-upstream' if rest else ''}", markup=False
        )
    table = rich.table.Table(box=None, pad_edge=False, header_style="bold")
    for column in ("patch", "verdict", "where"):
        table.add_column(column, overflow="fold")
    for result in results:
        verdict = f"[{_COLOURS[result.verdict]}]{result.verdict}[/]"
        table.add_row(result.patch.name, verdict, _where(result))
    table.add_row("overlay", "[red]refused[/]" if plan.objection else f"{len(plan.overlay)} files", "overlay/")
    console.print(table)
    for result in results:
        if result.verdict == "refused":
            console.print(f"\nrefused: {result.patch.name}\n  {result.reason}", markup=False, style="red")
            console.print(f"\n  by hand, and then with --skip {result.patch.name}:", markup=False)
            for line in by_hand(result):
                console.print(f"    {line['file']}, {line['where']}:\n      {line['code']}", markup=False)
    if plan.objection:
        console.print(f"\n{plan.objection}", markup=False, style="red")
        console.print("\nnothing was written", markup=False)
    elif not plan.ok:
        console.print("\nnothing was written. Leave a patch out on purpose: just apply --skip NAME", markup=False)
    elif check:
        console.print("\nall patches fit; nothing was written (--check)", markup=False)
    else:
        commits = 1 + sum(bool(result.files) for result in plan.results)
        console.print(f"\nbuild     {_shown(out)}, {commits} commits on top of upstream", markup=False)


def _shown(path: pathlib.Path) -> str:
    """A path as short as it can be from where the user stands."""
    here = pathlib.Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _where(result: PatchResult) -> str:
    if result.verdict in ("upstream", "skipped"):
        return result.reason
    spans = {}
    for edit in result.edits:
        spans.setdefault(edit.file, []).extend(edit.lines)
    return ", ".join(f"{path}:{','.join(map(str, sorted(set(lines))))}".rstrip(":") for path, lines in spans.items())
