"""The lock: which OpenPI everything is laid over, by hash, as `upstream.lock` writes it."""

import dataclasses
import datetime
import pathlib
import re
import tomllib

from tools.refusal import Refused

_RESTORE = "take the lock back from git: git checkout -- upstream.lock"


@dataclasses.dataclass(frozen=True)
class Mirror:
    """A source distribution that holds an OpenPI tree, for machines that cannot reach git.

    Attributes:
        package: Its name on the package index.
        version: Its version.
        sha256: The hash of its archive, 64 hex digits.
        commit: The OpenPI commit that it was made from, 40 hex digits.
        date: The day of that commit, as 2025-10-18.
        differs: How its tree differs from that commit's, one plain sentence each.
    """

    package: str
    version: str
    sha256: str
    commit: str
    date: str
    differs: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Lock:
    """The upstream commit that is meant, and the mirror that stands in for it.

    Attributes:
        url: Where git fetches it.
        commit: The commit, 40 hex digits.
        date: The day of the commit, as 2026-06-15.
        mirror: What serves where git is out of reach.
    """

    url: str
    commit: str
    date: str
    mirror: Mirror


# What a text value must look like, and how to say so.
_ANY = (r"\S.*", "a text that is not empty")
_COMMIT = (r"[0-9a-f]{40}", "a whole commit hash: 40 lower-case hex digits")
_SHA256 = (r"[0-9a-f]{64}", "a whole sha256: 64 lower-case hex digits")
_DATE = (r"\d{4}-\d\d-\d\d", 'a day as text, such as "2026-06-15"')
# Both go into a requirements file, where a space or a newline would begin an option.
_PACKAGE = (r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", 'the name of a package, such as "rlinf-openpi"')
_VERSION = (r"[A-Za-z0-9]([A-Za-z0-9.+!]*[A-Za-z0-9])?", 'one version, such as "0.1.1"')

_LOCK_KEYS = {"url": _ANY, "commit": _COMMIT, "date": _DATE}
_MIRROR_KEYS = {"package": _PACKAGE, "version": _VERSION, "sha256": _SHA256, "commit": _COMMIT, "date": _DATE}


def read_lock(path: pathlib.Path) -> Lock:
    """Reads the lock.

    Args:
        path: The lock file, such as `upstream.lock`.

    Raises:
        Refused: It is missing, is no TOML, lacks a key, has one too many, or a value is not of its form.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError) as e:
        found = "no such file" if isinstance(e, FileNotFoundError) else "a folder"
        raise Refused(str(path), expected="the lock of the upstream", found=found, todo=_RESTORE) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise Refused(str(path), expected="a TOML file", found=str(e), todo=f"mend that place, or {_RESTORE}") from None
    _check_keys(path, "", data, {*_LOCK_KEYS, "mirror"})
    mirror = data["mirror"]
    if not isinstance(mirror, dict):
        raise _wrong(path, "mirror", "a table, [mirror]", mirror)
    _check_keys(path, "mirror.", mirror, {*_MIRROR_KEYS, "differs"})
    differs = mirror["differs"]
    if not isinstance(differs, list) or not all(isinstance(line, str) and line.strip() for line in differs):
        raise _wrong(path, "mirror.differs", "a list of sentences", differs)
    return Lock(
        **{key: _text(path, key, data[key], form) for key, form in _LOCK_KEYS.items()},
        mirror=Mirror(
            **{key: _text(path, f"mirror.{key}", mirror[key], form) for key, form in _MIRROR_KEYS.items()},
            differs=tuple(differs),
        ),
    )


def _check_keys(path: pathlib.Path, prefix: str, table: dict, keys: set[str]) -> None:
    for key in sorted(keys - table.keys()):
        raise Refused(f"{path}: {prefix}{key}", expected="this key", found="no such key", todo=f"add it, or {_RESTORE}")
    for key in sorted(table.keys() - keys):
        expected = f"only {', '.join(prefix + k for k in sorted(keys))}"
        raise Refused(
            f"{path}: {prefix}{key}", expected=expected, found="a key that nothing reads", todo="remove it, or mend it"
        )


def _text(path: pathlib.Path, key: str, value: object, form: tuple[str, str]) -> str:
    pattern, expected = form
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise _wrong(path, key, expected, value)
    if form is _DATE:
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            raise _wrong(path, key, expected, value) from None
    return value


def _wrong(path: pathlib.Path, key: str, expected: str, value: object) -> Refused:
    shown = value if isinstance(value, datetime.date) else repr(value)
    found = f"{shown} ({type(value).__name__})"
    return Refused(f"{path}: {key}", expected=expected, found=found, todo=f"mend it, or {_RESTORE}")
