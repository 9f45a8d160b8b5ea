"""What `scripts/serve_policy.py` needs before it starts."""

import pathlib
import socket
from typing import Any

from openpi.training.preflight.assets import check_stats_file
from openpi.training.preflight.assets import check_tokenizer
from openpi.training.preflight.assets import is_local
from openpi.training.preflight.checkpoint import saved_steps
from openpi.training.preflight.dataset import NO_DATASET
from openpi.training.preflight.not_ready import NotReady


def check_serving(args: Any, get_config: Any) -> None:
    """Checks what `scripts/serve_policy.py` needs: a free port, and a checkpoint with its norm stats.

    Args:
        args: Its `Args`.
        get_config: `openpi.training.config.get_config`.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server itself does
        try:
            probe.bind(("0.0.0.0", args.port))
        except (OSError, OverflowError) as e:
            raise NotReady(
                f"port {args.port} (--port)",
                expected="a free port, 1024 to 65535",
                found=str(e),
                todo="name another port, or end the server that holds it",
            ) from e
    folder = getattr(args.policy, "dir", None)
    if folder is None:
        return
    data = get_config(args.policy.config).data
    if not is_local(folder):
        return
    checkpoint = pathlib.Path(folder)
    if not (checkpoint / "params").is_dir() and not (checkpoint / "model.safetensors").exists():
        steps = saved_steps(checkpoint)
        found = f"a run with the steps {', '.join(steps)}" if steps else "no params folder" * checkpoint.exists()
        raise NotReady(
            f"the checkpoint {checkpoint.resolve()} (--policy.dir)",
            expected="the folder of one step: checkpoints/<config>/<exp-name>/<step>",
            found=found or "nothing there",
            todo=f"name a step: {checkpoint / steps[-1]}" if steps else "check the path",
        )
    asset_id = data.assets.asset_id or data.repo_id
    if data.repo_id in NO_DATASET or not isinstance(asset_id, str):
        return
    path = checkpoint / "assets" / asset_id / "norm_stats.json"
    if not path.exists():
        raise NotReady(
            f"the norm stats in the checkpoint {checkpoint}",
            expected=str(path),
            found="no such file",
            todo=f"copy assets/{args.policy.config}/{asset_id}/norm_stats.json there, as training does when it has them",
        )
    check_stats_file(path, f"copy assets/{args.policy.config}/{asset_id}/norm_stats.json there again")
    check_tokenizer()
