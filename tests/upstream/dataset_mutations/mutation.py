"""One change to a valid dataset on disk, and what is to come of it."""

from collections.abc import Callable
import dataclasses
import pathlib
from typing import Literal

# harmless  LeRobot reads the same data, or others that are as good; the check has no error, a warning at most.
# told      LeRobot reads data that may be right; the check says something of it, whatever its severity.
# silent    LeRobot reads data that are wrong, or that break training later, without a word; the check has an error.
# refused   LeRobot refuses, when it opens the dataset or at an item; the check has an error.
Effect = Literal["harmless", "told", "silent", "refused"]
Change = Callable[[pathlib.Path], object]


@dataclasses.dataclass(frozen=True)
class Mutation:
    """A change with a name.

    Attributes:
        name: Such as "info-missing", unique among all.
        effect: What LeRobot and the check are to do.
        change: Changes the dataset in a folder, a copy that nobody else has.
        alters: What LeRobot reads otherwise than in the base, as keys of its items, with "items" for their number.
            "?" where the dataset is another one, so that nothing can be compared. Without meaning where it refuses.
        base: Which valid dataset it starts from: "guide", "lerobot" or "videos".
        mended: Like `alters`, for the dataset after a repair: what no repair can bring back. "?" where it may lose whole
            episodes, or put them elsewhere; each that is there is one of the base's.
        as_if: Makes of the base what a repair is to make of the mutated dataset, where that is not the base itself.
        folder: The name of the dataset's folder, where that is what matters.
    """

    name: str
    effect: Effect
    change: Change
    alters: frozenset[str] = frozenset()
    base: str = "guide"
    mended: frozenset[str] = frozenset()
    folder: str = ""
    as_if: Change | None = None


def harmless(name: str, change: Change, alters: str = "", **more) -> Mutation:
    """A mutation after which all is as good as before; `alters` names keys, with blanks between them."""
    return _mutation("harmless", name, change, alters, **more)


def told(name: str, change: Change, alters: str = "", **more) -> Mutation:
    """A mutation of which the check says something."""
    return _mutation("told", name, change, alters, **more)


def silent(name: str, change: Change, alters: str = "", **more) -> Mutation:
    """A mutation that LeRobot does not notice and that must not be trained on."""
    return _mutation("silent", name, change, alters, **more)


def refused(name: str, change: Change, **more) -> Mutation:
    """A mutation that LeRobot refuses."""
    return _mutation("refused", name, change, **more)


def _mutation(effect: Effect, name: str, change: Change, alters: str = "", *, mended: str = "", **more) -> Mutation:
    return Mutation(name, effect, change, frozenset(alters.split()), mended=frozenset(mended.split()), **more)
