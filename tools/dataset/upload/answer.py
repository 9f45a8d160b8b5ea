"""What an upload answers: what it would do, what it did; for people, or as JSON."""

import json
from typing import Any

from tools.dataset.dataset import VERSION
from tools.dataset.plain import counted
from tools.dataset.upload.hub import Hub
from tools.dataset.upload.plan import Plan
from tools.dataset.upload.progress import in_bytes
from tools.dataset.upload.publish import Published

# So many names are shown to people; JSON has all.
_NAMED = 12


def show_plan(hub: Hub, plan: Plan, state: str, left: list[str], *, as_json: bool) -> None:
    """Prints what an upload would do.

    Args:
        hub: The repository.
        plan: What would be done.
        state: What is known of the repository, in words.
        left: What stays in the folder.
        as_json: As JSON.
    """
    if as_json:
        answer: dict[str, Any] = {
            "ok": True,
            "dry_run": True,
            "repo_id": hub.repo_id,
            "repository": state,
            "send": [{"path": file.name, "bytes": file.size} for file in plan.send],
            "bytes": plan.bytes_to_send,
            "unchanged": len(plan.there),
            "overwrite": list(plan.overwritten),
            "delete": list(plan.delete),
            "card": plan.card is not None,
            "commits": plan.commits,
            "left_here": left,
        }
        print(json.dumps(answer, indent=2))
        return
    print(f"repository {hub.url}: {state}")
    for file in plan.send[:_NAMED]:
        print(f"  send     {file.name}  {in_bytes(file.size)}")
    if len(plan.send) > _NAMED:
        print(f"  send     and {len(plan.send) - _NAMED} more (--json names all)")
    for name in plan.delete:
        print(f"  delete   {name}")
    if plan.card is not None:
        print("  write    README.md, the dataset card")
    size = in_bytes(plan.bytes_to_send)
    there = f"; {len(plan.overwritten)} in the place of other content" if plan.overwritten else ""
    there += f"; {len(plan.there)} there already" if plan.there else ""
    print(f"{counted(len(plan.send), 'file')}, {size}, in {counted(plan.commits, 'commit')}{there}")
    if left:
        print(f"left here  {_some(left)}")
    print("nothing was changed (--dry-run)")


def show_done(hub: Hub, done: Published, left: list[str], *, as_json: bool) -> None:
    """Prints what an upload did."""
    if as_json:
        answer = {"ok": True, "repo_id": hub.repo_id, "url": hub.url, "tag": VERSION, **done.as_json()}
        print(json.dumps(answer | {"left_here": left}, indent=2))
        return
    verb = "made" if done.created else "updated" if done.commits else "in order"
    print(f"{verb:<9} {hub.url} ({'private' if done.private else 'public'})")
    what = f"{counted(done.files, 'file')}, {in_bytes(done.size)}, in {counted(done.commits, 'commit')}"
    print(f"sent      {what}{f'; {done.unchanged} there already' if done.unchanged else ''}")
    if done.deleted:
        print(f"deleted   {_some(list(done.deleted))}")
    print(f"card      {done.card}")
    if left:
        print(f"left here {_some(left)}")
    was = f", was at {done.tag_was[:12]}" if done.tag_was not in (None, done.commit) else ""
    print(f"tag       {VERSION} at {done.commit[:12]}{was}; read back, and equal")
    if was:
        print(f"          a machine that has fetched the old one keeps it: delete $HF_LEROBOT_HOME/{hub.repo_id} there")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more (--json names all)" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
