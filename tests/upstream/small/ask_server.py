"""Asks a running policy server about recorded frames: `ask_server.py PORT REPO_ID ANSWERS.npz`.

Uses upstream's own client, and sends what a robot would: the state and both cameras of a frame, and the task. Frames
are those of the first episode that have a whole chunk of actions behind them, every fifth of them.
"""

import json
import pathlib
import sys

import numpy as np
from openpi_client import websocket_client_policy
import websockets.exceptions

from openpi.training.image_decoding import decode_images
from openpi.training.lerobot_dataset import LeRobotDataset

STRIDE = 5
_PATIENCE = 10  # connections, of 40 s each where the server is at work


def ask_server(port: int, repo_id: str, answers: pathlib.Path) -> None:
    """Saves the server's metadata and, for each frame asked about, predicted and recorded actions.

    The file holds metadata (JSON), frames int[N], and states float[N, D], predicted and recorded float[N, H, D].
    """
    client = _connect(port)
    metadata = client.get_server_metadata()
    dataset = decode_images(LeRobotDataset(repo_id))
    numbers = dataset.hf_dataset.with_format("numpy", columns=["episode_index", "observation.state", "action"])[:]
    last = int((numbers["episode_index"] == 0).sum()) - metadata["horizon"]
    frames = list(range(0, last + 1, STRIDE))
    predicted = []
    for frame in frames:
        sample = dataset[frame]
        images = {  # uint8 (height, width, 3), as a camera gives them
            f"observation/image_{camera}": np.moveaxis(np.asarray(sample[f"observation.images.{camera}"]), 0, -1)
            for camera in metadata["cameras"]
        }
        question = {"observation/state": np.asarray(sample["observation.state"]), **images, "prompt": sample["task"]}
        if not predicted:
            client = _when_compiled(client, port, question)
        predicted.append(np.asarray(client.infer(question)["actions"]))
    np.savez(
        answers,
        metadata=json.dumps(metadata),
        frames=frames,
        states=numbers["observation.state"][frames],
        predicted=np.stack(predicted),
        recorded=np.stack([numbers["action"][frame : frame + metadata["horizon"]] for frame in frames]),
    )


def _connect(port: int) -> websocket_client_policy.WebsocketClientPolicy:
    return websocket_client_policy.WebsocketClientPolicy(host="127.0.0.1", port=port)


def _when_compiled(client, port: int, question: dict) -> websocket_client_policy.WebsocketClientPolicy:
    """Asks until the server has compiled the model, and returns the client that it answered.

    Meanwhile it answers no ping, and after 40 s the client hangs up: on a slow machine that is too soon.
    """
    for _ in range(_PATIENCE):
        try:
            client = client or _connect(port)
            client.infer(question)
        except (websockets.exceptions.ConnectionClosed, TimeoutError):
            client = None
        else:
            return client
    raise TimeoutError(f"the server on port {port} answered none of {_PATIENCE} connections")


if __name__ == "__main__":
    ask_server(int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
