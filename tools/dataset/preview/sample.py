"""Which episodes a preview shows whole, and the sentence that says so."""

from collections.abc import Iterable
import dataclasses
import itertools
import math

from tools.dataset.finding import Finding

MOST = 40
# Of the episodes with findings; the others are for seeing what is right.
_MOST_WITH_FINDINGS = 16


@dataclasses.dataclass(frozen=True)
class Sample:
    """The episodes that are shown.

    Attributes:
        episodes: Their numbers, rising.
        sentence: Which of how many, and why these.
    """

    episodes: tuple[int, ...]
    sentence: str


def sample_of(lengths: dict[int, int], there: Iterable[int], findings: Iterable[Finding]) -> Sample:
    """Chooses the episodes to show.

    Args:
        lengths: Frames by episode, of those that could be read.
        there: All episodes that have a file.
        findings: The worst first.
    """
    numbers = sorted(there)
    if len(numbers) <= MOST:
        return Sample(tuple(numbers), _all(len(numbers)))
    chosen = {max(lengths, key=lengths.get), min(lengths, key=lengths.get)} if lengths else set()
    with_findings = _with_findings(findings, set(numbers))
    some = with_findings[:_MOST_WITH_FINDINGS]
    chosen |= set(some)
    step = math.ceil(len(numbers) / (MOST - len(chosen)))
    chosen |= set(numbers[::step])
    parts = ["the longest", "the shortest"] if lengths else []
    if some:
        of = f"{len(some)} of the {len(with_findings):,}" if len(some) < len(with_findings) else f"the {len(some)}"
        parts.append(f"{of} with findings")
    parts.append(f"every {ordinal(step)}")
    said = ", ".join(parts[:-1]) + (" and " if parts[:-1] else "") + parts[-1]
    return Sample(tuple(sorted(chosen)), f"{len(chosen)} of {len(numbers):,} episodes are shown: {said}.")


def asked_for(episodes: Iterable[int], there: Iterable[int]) -> Sample:
    """The episodes that the user named."""
    chosen, total = tuple(sorted(set(episodes))), len(set(there))
    are = "is" if len(chosen) == 1 else "are"
    return Sample(chosen, f"{len(chosen)} of {total:,} episodes {are} shown: those asked for.")


def _with_findings(findings: Iterable[Finding], there: set[int]) -> list[int]:
    """Episodes with findings, so that the first ones show as many different checks as can be."""
    by_check: dict[str, dict[int, None]] = {}
    for finding in findings:
        if finding.episode in there:
            by_check.setdefault(finding.check, {})[finding.episode] = None
    # Of a check that speaks of all episodes some from the whole of the dataset, and not its first ones.
    queues = [list(episodes)[:: max(1, len(episodes) // _MOST_WITH_FINDINGS)] for episodes in by_check.values()]
    turns = itertools.zip_longest(*queues)
    first = dict.fromkeys(episode for turn in turns for episode in turn if episode is not None)
    return list(first | {episode: None for episodes in by_check.values() for episode in episodes})


def _all(count: int) -> str:
    if count == 0:
        return "There is no episode to show."
    return "The only episode is shown." if count == 1 else f"All {count} episodes are shown."


def ordinal(number: int) -> str:
    """A number as in "every 22nd"."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
