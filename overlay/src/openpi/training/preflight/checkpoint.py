"""Checkpoints on this machine: the weights of one, and a run that is to go on."""

import pathlib

from openpi.training.preflight.not_ready import NotReady


def check_params(params: pathlib.Path, where: str) -> None:
    """Asks for the file by which orbax knows a checkpoint; a path may end one folder too early.

    Args:
        params: The folder of the weights.
        where: What the user gave it as.
    """
    if (params / "_METADATA").is_file():
        return
    found, todo = f"nothing at {params.resolve()}", "name one, such as checkpoints/<config>/<exp-name>/<step>/params"
    if params.is_dir():
        found = f"another folder at {params.resolve()}"
    if (params / "params" / "_METADATA").is_file():
        todo = f"name {params / 'params'}"
    raise NotReady(
        where, expected="the params folder of a checkpoint, with the file _METADATA in it", found=found, todo=todo
    )


def check_run_to_resume(run: pathlib.Path, *, wandb: bool) -> None:
    """Checks that the last step of a run has what training goes on from, and wandb the id that it goes on with.

    Args:
        run: The folder of the run; one without a step, or with none but 0, is begun anew.
        wandb: Whether wandb is to log it.
    """
    steps = saved_steps(run)
    if steps in ([], ["0"]):
        return
    last = run / steps[-1]
    for item in ("train_state", "params"):
        if not (last / item).is_dir():
            raise NotReady(
                f"the run to go on with, {run}",
                expected=f"the folder {item} in its last step, {last.name}",
                found="no such folder",
                todo=f"move {last} elsewhere, to go on from the step before it or begin anew; or begin another run with the "
                "weights of a step: --weight-loader.params-path",
            )
    if wandb and not (run / "wandb_id.txt").is_file():
        raise NotReady(
            f"the run to go on with, {run}",
            expected="the file wandb_id.txt, with which wandb goes on",
            found="no such file: the run was begun without wandb",
            todo="go on without it too: --no-wandb-enabled",
        )


def saved_steps(run: pathlib.Path) -> list[str]:
    """The steps that a run has saved, in order."""
    if not run.is_dir():
        return []
    return sorted((path.name for path in run.iterdir() if path.name.isdigit() and path.is_dir()), key=int)
