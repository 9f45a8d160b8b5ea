"""Asks a running policy server about recorded frames: `ask_server.py PORT REPO_ID ANSWERS.npz`.

Uses upstream's own client, and sends what a robot would: the state and both cameras of a frame, and the task. Frames
are those of the first episode that have a whole chunk of actions behind them, every fifth of them.
"""

import json
import pathlib
import sys

import numpy as np
from openpi_client import websocket_client_policy

from openpi.training.image_decoding import decode_images
from openpi.training.lerobot_dataset import LeRobotDataset

STRIDE = 5


def ask_server(port: int, repo_id: str, answers: pathlib.Path) -> None:
    """Saves the server's metadata and, for each frame asked about, predicted and recorded actions.

    The file holds metadata (JSON), frames int[N], and states float[N, D], predicted and recorded float[N, H, D].
    """
    client = websocket_client_policy.WebsocketClientPolicy(host="127.0.0.1", port=port)
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
        state = np.asarray(sample["observation.state"])
        answer = client.infer({"observation/state": state, **images, "prompt": sample["task"]})
        predicted.append(np.asarray(answer["actions"]))
    np.savez(
        answers,
        metadata=json.dumps(metadata),
        frames=frames,
        states=numbers["observation.state"][frames],
        predicted=np.stack(predicted),
        recorded=np.stack([numbers["action"][frame : frame + metadata["horizon"]] for frame in frames]),
    )


if __name__ == "__main__":
    ask_server(int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
