"""Asks one check its question, and hears the others too where it stumbles."""

from collections.abc import Callable, Iterable, Iterator
import dataclasses
import functools
import importlib
import pkgutil
from types import ModuleType
from typing import Any

from tools.dataset import checks
from tools.dataset.checks.version import version_of
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

# All that is asked of a dataset in another format.
_VERSIONS = ("version", "version-3-0")
# What a check says of itself where it could not be asked; the tests hold that this is never seen.
_FAULT = "a fault of the check and not of the dataset: please report it with this line"


@functools.cache
def check_modules() -> dict[str, ModuleType]:
    """The checks by the name they are shown with, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    modules = ((name, importlib.import_module(f"{checks.__name__}.{name}")) for name in names)
    return {name.replace("_", "-"): module for name, module in modules if hasattr(module, "SENTENCE")}


def other_format(info: dict[str, Any]) -> bool:
    """Whether the dataset is in another format than 2.x: then only its version is told, and no file asked."""
    version = version_of(info)
    return version is not None and version[0] != 2


def asked_for(functions: tuple[str, ...], info: dict[str, Any] | None = None) -> tuple[tuple[str, ModuleType], ...]:
    """The checks that have one of the functions; of another format only its version is asked."""
    return _having(functions, version_only=info is not None and other_format(info))


@functools.cache
def _having(functions: tuple[str, ...], *, version_only: bool) -> tuple[tuple[str, ModuleType], ...]:
    checks = check_modules().items()
    having = ((name, check) for name, check in checks if any(hasattr(check, one) for one in functions))
    return tuple((name, check) for name, check in having if not version_only or name in _VERSIONS)


def keep_gist(name: str, check: ModuleType, function: Callable[..., dict], gists: dict[str, dict], *what: Any) -> list:
    """Puts what a check keeps of an episode to what it has kept of it."""

    def keep(*what: Any) -> Iterator[Finding]:
        gists.setdefault(name, {}).update(function(*what))
        yield from ()

    return stamped(name, check, keep, *what)


def stamped(name: str, check: ModuleType, function: Callable[..., Iterable[Finding]], *what: Any) -> list[Finding]:
    """What a check yields, with its name and severity; its own failure is a finding, so that the others are heard."""
    found = []
    try:
        found += function(*what)
    except Exception as e:
        episode = next((one.index for one in what if isinstance(one, Episode)), None)
        found.append(Finding("a dataset that this check can be asked of", repr(e), _FAULT, episode=episode))
    return [dataclasses.replace(finding, check=name, severity=check.SEVERITY) for finding in found]
