"""What `--help` says of an option: a name for what it takes, and no default where that is nothing."""

from collections.abc import Callable
import dataclasses
import inspect
import pathlib
import types
import typing
from typing import Annotated, Any, Literal

import tyro

# What an option takes, in the help.
_METAVARS = {pathlib.Path: "PATH", str: "TEXT", int: "N", float: "NUMBER"}


def with_plain_help(function: Callable[..., int]) -> Callable[..., int]:
    """Lets the help say `--html PATH` for an option that may be left out, and not `--html {None}|PATH` (default: None)."""
    for name, one in inspect.signature(function).parameters.items():
        function.__annotations__[name] = _plain(name, one.annotation, one.default)
        for verb in typing.get_args(_bare(one.annotation)[0]):
            if dataclasses.is_dataclass(_bare(verb)[0]):  # one of the commands within a command
                _with_plain_fields(_bare(verb)[0])
    return function


def _with_plain_fields(verb: type) -> None:
    for field in dataclasses.fields(verb):
        verb.__annotations__[field.name] = _plain(field.name, field.type, field.default)


def _plain(name: str, annotation: Any, default: Any) -> Any:
    """The same with a metavar, and no default where that is nothing; what the command says of it itself goes before."""
    kind, marks = _bare(annotation)
    given = [one for one in typing.get_args(kind) if one is not types.NoneType]
    may_be_none = typing.get_origin(kind) in (types.UnionType, typing.Union)
    one = given[0] if may_be_none and len(given) == 1 else kind
    many = typing.get_origin(kind) in (list, tuple)
    if any(getattr(mark, "metavar", None) for mark in marks):
        metavar = None
    elif typing.get_origin(one) is Literal:
        metavar = "|".join(typing.get_args(one)) if may_be_none else None  # else tyro lists them too
    elif tyro.conf.Positional in marks:
        shown = "PATH" if pathlib.Path in (one, *given) else name.upper().removesuffix("S" if many else "")
        metavar = f"[{shown} ...]" if many else shown
    else:
        metavar = "NAME" if many else _METAVARS.get(one)
    # A list that is empty is "(repeatable)" to tyro, where it is an option.
    says_nothing = default is None or default is False or (default in ([], (), "") and tyro.conf.Positional in marks)
    words = [_one_of(typing.get_args(one))] if may_be_none and typing.get_origin(one) is Literal else []
    arg = tyro.conf.arg(metavar=metavar, help_behavior_hint="" if says_nothing else None)
    return Annotated[kind, *words, arg, *marks]


def _bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type and what is annotated to it."""
    if typing.get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


def _one_of(words: tuple[str, ...]) -> tyro.constructors.PrimitiveConstructorSpec:
    """One of some words, or None where it is left out; tyro's own would offer the word None too."""
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="|".join(words),
        instance_from_str=lambda given: given[0],
        is_instance=lambda value: value is None or value in words,
        str_from_instance=lambda value: [str(value)],
        choices=words,
    )
