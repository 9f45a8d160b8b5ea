"""The option --out of the commands that make a new dataset, as their help shows it."""

import pathlib
from typing import Annotated

import tyro

# What is taken where it is not given, each command's help says in words.
Out = Annotated[pathlib.Path | None, tyro.conf.arg(metavar="DIR", help_behavior_hint="")]
