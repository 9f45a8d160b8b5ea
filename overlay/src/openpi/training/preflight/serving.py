"""What `scripts/serve_policy.py` needs before it starts."""

import pathlib
import socket
from typing import Any

from openpi.training.preflight.assets import check_stats_file
from openpi.training.preflight.assets import check_tokenizer
from openpi.training.preflight.checkpoint import check_params
from openpi.training.preflight.checkpoint import saved_steps
from openpi.training.preflight.dataset import NO_DATASET
from openpi.training.preflight.not_ready import NotReady
from openpi.training.preflight.places import is_local


def check_serving(args: Any, get_config: Any) -> None:
    """Checks what `scripts/serve_policy.py` needs: a free port, and a checkpoint with its norm stats.

    Args:
        args: Its `Args`.
        get_config: `openpi.training.config.get_config`.
    """
    _check_port(args.port)
    folder = getattr(args.policy, "dir", None)
    if folder is None:
        return
    data = get_config(args.policy.config).data
    if not is_local(folder):
        return
    checkpoint = pathlib.Path(folder)
    _check_step(checkpoint)
    asset_id = data.assets.asset_id or data.repo_id
    if data.repo_id in NO_DATASET or not isinstance(asset_id, str):
        return
    path = checkpoint / "assets" / asset_id / "norm_stats.json"
    if not path.exists():
        others = [
            str(other.parent.relative_to(checkpoint / "assets"))
            for other in checkpoint.glob("assets/**/norm_stats.json")
        ]
        raise NotReady(
            f"the norm stats in the checkpoint {checkpoint}",
            expected=str(path),
            found=f"no such file, but those of {', '.join(sorted(others))}" if others else "no such file",
            todo="name the config that the checkpoint was trained with"
            if others
            else f"copy assets/{args.policy.config}/{asset_id}/norm_stats.json there, as training does when it has them",
        )
    check_stats_file(path, f"copy assets/{args.policy.config}/{asset_id}/norm_stats.json there again")
    check_tokenizer()


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server itself does
        try:
            probe.bind(("0.0.0.0", port))
        except (OSError, OverflowError) as e:
            raise NotReady(
                f"port {port} (--port)",
                expected="a free port, 1024 to 65535",
                found=str(e),
                todo="name another port, or end the server that holds it",
            ) from e


def _check_step(checkpoint: pathlib.Path) -> None:
    """Checks that a folder is what one step of a run saved: JAX weights in `params`, or those of PyTorch in a file."""
    if (checkpoint / "model.safetensors").exists():
        return
    if (checkpoint / "params").is_dir():
        check_params(checkpoint / "params", f"the weights in the checkpoint {checkpoint.resolve()} (--policy.dir)")
        return
    found, todo = "nothing there", "check the path"
    if steps := saved_steps(checkpoint):
        found, todo = f"a run with the steps {', '.join(steps)}", f"name a step: {checkpoint / steps[-1]}"
    elif (checkpoint / "_METADATA").is_file():
        found, todo = "the weights alone", f"name the folder that they are in: {checkpoint.resolve().parent}"
    elif checkpoint.exists():
        found = "no params folder" if checkpoint.is_dir() else "a file"
    raise NotReady(
        f"the checkpoint {checkpoint.resolve()} (--policy.dir)",
        expected="the folder of one step: checkpoints/<config>/<exp-name>/<step>",
        found=found,
        todo=todo,
    )
