"""The table of the rebase check: a commit a row, as wide as the terminal, with every verdict in it."""

import rich.markup
import rich.table

from tools.rebase_check.verdicts import OVERLAY
from tools.rebase_check.verdicts import Row

_COLOURS = {"applied": "green", "already": "green", "upstream": "cyan", "refused": "red", "fits": "green"}
_WORD = len("upstream")  # the longest verdict
_SUBJECT, _SOME = 50, 20  # the most that is shown of a subject, and what is worth a line more in the head


def of_commits(rows: list[Row], width: int) -> rich.table.Table:
    """The table, in so many columns of text where that is possible.

    What is too wide is taken from the names of the patches, which are parted at their hyphens, and then from the
    subject. The verdicts stay: where even without a subject there is no room for them, the table is wider.
    """
    refs = [row.commit.ref.removeprefix("refs/").removesuffix("/head") or row.commit.id[:12] for row in rows]
    names = [*(patch.name for patch in rows[0].patches), OVERLAY] if rows else [OVERLAY]
    before = {"commit": max([12, *map(len, refs)]), "date": 10}
    wanted = min(_SUBJECT, max((len(row.commit.subject) for row in rows), default=0))
    gap, room = 2, _room(width, before, names, gap=2)
    if room < min(wanted, _SOME):
        names = [name.replace("-", "-\n") for name in names]
        gap, room = 1, _room(width, before, names, gap=1)
    room = min(room, wanted)
    shows_subject = room >= len("subject")
    table = rich.table.Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for name, size in before.items():
        table.add_column(name, no_wrap=True, min_width=size)
    if shows_subject:
        table.add_column("subject", no_wrap=True, min_width=room)
    for name in names:
        table.add_column(name, min_width=_columns(name), vertical="bottom")
    for ref, row in zip(refs, rows, strict=True):
        subject = [rich.markup.escape(_cut(row.commit.subject, room))] if shows_subject else []
        verdicts = [*(patch.verdict for patch in row.patches), "refused" if row.overlay else "fits"]
        coloured = [f"[{_COLOURS[verdict]}]{verdict}[/]" for verdict in verdicts]
        table.add_row(ref, row.commit.date, *subject, *coloured)
    return table


def _room(width: int, before: dict[str, int], names: list[str], *, gap: int) -> int:
    """What is left for the subject beside all other columns."""
    taken = [*before.values(), *map(_columns, names)]
    return width - sum(taken) - gap * len(taken)


def _columns(name: str) -> int:
    return max(_WORD, *map(len, name.split("\n"))) if name != OVERLAY else len(OVERLAY)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
