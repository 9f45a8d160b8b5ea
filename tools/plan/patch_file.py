"""Reads the file of one patch, and refuses it with the key that is not as it must be."""

import ast
import dataclasses
import hashlib
import importlib
import pathlib
import tomllib
import types
from typing import Any

from tools import codemods
from tools.plan import probes
from tools.plan.patch import Edit
from tools.plan.patch import Patch
from tools.plan.patch import UpstreamHas
from tools.refusal import Refused


def read_patch(path: pathlib.Path) -> Patch:
    """Reads one patch file; raises `Refused` naming the key that is wrong."""
    raw = read(path)
    try:
        table = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise Refused(str(path), expected="a TOML file", found=str(e), todo="mend that line") from e
    texts = {key: _take(path, table, key, str).strip() for key in ("title", "why", "remove_when", "upstream")}
    for key, text in texts.items():
        if not text:
            raise _wrong(path, key, expected="some text", found="nothing")
    edits = tuple(_read_edit(path, item) for item in _take_tables(path, table, "edit"))
    asked = tuple(
        _read_upstream_has(path, item) for item in _take_tables(path, {"upstream_has": []} | table, "upstream_has")
    )
    table.pop("upstream_has", None)
    if table:
        raise _wrong(path, min(table), expected="no other key than a patch has", found=f"{min(table)} = …")
    if not edits:
        raise _wrong(path, "edit", expected="at least one [[edit]] table", found="none")
    return Patch(path.stem, **texts, edits=edits, upstream_has=asked, digest=hashlib.sha256(raw).hexdigest())


def codemod_names() -> list[str]:
    """The codemods there are: the files of `tools/codemods/` that hold the class of their name."""
    files = pathlib.Path(codemods.__file__).parent.glob("[a-z]*.py")
    return sorted(file.stem for file in files if f"\nclass {_camel(file.stem)}" in file.read_text())


def _read_edit(path: pathlib.Path, table: dict[str, Any]) -> Edit:
    table = dict(table)
    file, name = _take(path, table, "file", str), _take(path, table, "codemod", str)
    count = table.pop("count", 1)
    if type(count) is not int or count < 1:
        raise _wrong(path, "count", expected="a whole number of places, at least 1", found=repr(count))
    known = codemod_names()
    if name not in known:
        raise _wrong(path, "codemod", expected="one of " + ", ".join(known), found=repr(name))
    change = _fill(path, "codemod", importlib.import_module(f"tools.codemods.{name}"), name, table)
    for code in change.injects():
        try:
            ast.parse(code)
        except SyntaxError as e:
            raise _wrong(
                path, f"codemod {name}", expected="parameters that give Python", found=f"{code!r}: {e.msg}"
            ) from e
    return Edit(file, name, change, count)


def _read_upstream_has(path: pathlib.Path, table: dict[str, Any]) -> UpstreamHas:
    table = dict(table)
    file, name = _take(path, table, "file", str), _take(path, table, "probe", str)
    known = {_snake(n) for n, c in vars(probes).items() if dataclasses.is_dataclass(c)}
    if name not in known:
        raise _wrong(path, "probe", expected="one of " + ", ".join(sorted(known)), found=repr(name))
    return UpstreamHas(file, _fill(path, "probe", probes, name, table))


def _fill(path: pathlib.Path, kind: str, module: types.ModuleType, name: str, params: dict[str, Any]) -> Any:
    """The dataclass that `name` says, with the parameters that the patch file gives."""
    cls = getattr(module, _camel(name))
    fields = {field.name: field for field in dataclasses.fields(cls)}
    needed = {n for n, f in fields.items() if f.default is f.default_factory is dataclasses.MISSING}
    for key in sorted(params.keys() - fields.keys()):
        raise _wrong(path, f"{kind} {name}, parameter {key}", expected=f"one of {', '.join(fields)}", found=repr(key))
    for key in sorted(needed - params.keys()):
        raise _wrong(path, f"{kind} {name}, parameter {key}", expected="a value", found="no such key")
    for key, value in params.items():
        wanted = str if fields[key].type is str else bool if fields[key].type is bool else list
        if type(value) is not wanted or (wanted is list and not all(type(item) is str for item in value)):
            shown = "a list of strings" if wanted is list else f"a {wanted.__name__}"
            raise _wrong(path, f"{kind} {name}, parameter {key}", expected=shown, found=repr(value))
    try:
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in params.items()})
    except ValueError as e:
        parameter, _, what = str(e).partition(": ")
        expected, _, found = what.removeprefix("expected ").partition(", found ")
        raise _wrong(path, f"{kind} {name}, parameter {parameter}", expected=expected, found=found) from e


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _take(path: pathlib.Path, table: dict[str, Any], key: str, kind: type) -> Any:
    """Removes a key that must be there from a table and returns its value."""
    if key not in table:
        raise _wrong(path, key, expected="a value", found="no such key")
    value = table.pop(key)
    if type(value) is not kind:
        raise _wrong(path, key, expected=f"a {kind.__name__}", found=repr(value))
    return value


def _take_tables(path: pathlib.Path, table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    items = _take(path, table, key, list)
    if not all(isinstance(item, dict) for item in items):
        raise _wrong(path, key, expected=f"[[{key}]] tables", found=repr(items))
    return items


def _wrong(path: pathlib.Path, key: str, *, expected: str, found: str) -> Refused:
    return Refused(
        f"{path}: {key}", expected=expected, found=found, todo="mend the patch file; docs/patches.md has its form"
    )


def read(path: pathlib.Path) -> bytes:
    """The bytes of a file of the series, which must be there."""
    try:
        return path.read_bytes()
    except FileNotFoundError as e:
        raise Refused(
            str(path), expected="a file", found="nothing there", todo="restore it: git checkout patches"
        ) from e
