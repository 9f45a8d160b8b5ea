"""Which commit is named as the break: the one that has to be mended."""

import itertools

import pytest

from tools.rebase_check import first_break
from tools.rebase_check.trial import Verdict
from tools.rebase_check.verdicts import Row
from tools.upstream.history import Commit

# Without a file to look into: what is asked is which commit and which patch.
NAMES = ("a", "b")


def rows(*refused: str) -> list[Row]:
    """A row for each text, which says what is refused there: "ab" both patches, "o" the overlay, "" nothing."""
    return [
        Row(
            Commit(f"{number:040}", "2026-01-01", ""),
            tuple(Verdict(name, "refused" if name in text else "applied", "") for name in NAMES),
            "it does not fit" if "o" in text else "",
        )
        for number, text in enumerate(refused)
    ]


@pytest.fixture
def named(monkeypatch):
    """The number of the row that is named, and the patch."""
    monkeypatch.setattr(first_break, "_break_of", lambda _objects, row, name, *_: (int(row.commit.id), name))
    return lambda *refused: first_break.find_break(None, rows(*refused), {}, [])


@pytest.mark.parametrize(
    ("refused", "found"),
    [
        (("", "a", "", "b"), (3, "b")),  # broken, taken back, broken elsewhere
        (("", "a", "", "b", "b"), (3, "b")),
        (("", "a", "ab", "b"), (2, "b")),  # the first one was mended while the second stands
        (("", "b", "ab", "ab"), (1, "b")),  # the older of two that stand
        (("", "ab"), (1, "a")),
        (("", "ao"), (1, "a")),
        (("", "o", "ao"), (1, "overlay")),
        (("o", "", "a", "o"), (3, "overlay")),
        (("a", "a"), (0, "a")),
        (("a", "", "a"), (2, "a")),
        (("", "a", "", "b", ""), (1, "a")),  # all is well now: the first, for the record
        (("o", ""), None),
        (("", ""), None),
        ((), None),
    ],
)
def test_the_break_is_the_one_that_still_stands(named, refused, found):
    assert named(*refused) == found


def test_it_is_refused_there_and_not_just_before(named):
    for refused in itertools.product(("", "a", "b", "ab", "o"), repeat=4):
        if not refused[-1]:
            continue
        at, name = named(*refused)
        letter = "o" if name == "overlay" else name
        assert all(letter in one for one in refused[at:])
        assert at == 0 or letter not in refused[at - 1]
