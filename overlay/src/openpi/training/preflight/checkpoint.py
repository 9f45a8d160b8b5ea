"""Checkpoints on this machine: the weights to start from, and what a run has saved."""

import pathlib

from openpi.training.preflight.not_ready import NotReady


def check_params(params: pathlib.Path) -> None:
    """Asks for the file by which orbax knows a checkpoint; a path may end one folder too early."""
    if (params / "_METADATA").is_file():
        return
    inside = (params / "params" / "_METADATA").is_file()
    raise NotReady(
        "the weights to start from (--weight-loader.params-path)",
        expected="the params folder of a checkpoint, with the file _METADATA in it",
        found=f"{'another folder' if params.is_dir() else 'nothing'} at {params.resolve()}",
        todo=f"name {params / 'params'}"
        if inside
        else "name one, such as checkpoints/<config>/<exp-name>/<step>/params",
    )


def saved_steps(run: pathlib.Path) -> list[str]:
    """The steps that a run has saved, in order."""
    if not run.is_dir():
        return []
    return sorted((path.name for path in run.iterdir() if path.name.isdigit()), key=int)
