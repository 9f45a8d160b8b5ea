"""Draws predicted against recorded actions, one panel a joint: `draw_actions.py ANSWERS.npz PICTURE.png`.

Prints the error beside that of holding still, which is what a policy has to beat first.
"""

import json
import pathlib
import sys

import matplotlib.pyplot as plt
import numpy as np

_RECORDED = "#b8bdc2"
# One for each chunk that is drawn: they overlap.
_PREDICTED = ("#1b4f9c", "#d1495b", "#2a9d5c", "#e08e0b", "#7b3fa0")


def error_ratio(states: np.ndarray, predicted: np.ndarray, recorded: np.ndarray) -> float:
    """The error of the predictions as a share of the error of holding still.

    Args:
        states: float[N, D], where the robot was when it was asked.
        predicted: float[N, H, D].
        recorded: float[N, H, D].

    Returns:
        Root mean squares over N and H, their ratio averaged over D: 0 is perfect, 1 no better than holding still.
    """
    error = np.sqrt(np.mean((predicted - recorded) ** 2, axis=(0, 1)))
    holding = np.sqrt(np.mean((states[:, None] - recorded) ** 2, axis=(0, 1)))
    return float(np.mean(error / holding))


def draw_actions(answers: pathlib.Path, picture: pathlib.Path) -> str:
    """Draws the picture and returns what it shows in a line."""
    with np.load(answers) as file:
        metadata = json.loads(str(file["metadata"]))
        frames, states, predicted, recorded = (file[key] for key in ("frames", "states", "predicted", "recorded"))
    said = f"error {error_ratio(states, predicted, recorded):.0%} of that of holding still"
    rate_hz, horizon = metadata["rate_hz"], metadata["horizon"]
    every = -(-len(frames) // len(_PREDICTED))  # all of them would hide each other
    drawn = dict(zip(range(0, len(frames), every), _PREDICTED, strict=False))
    figure, panels = plt.subplots(2, 3, figsize=(13, 7), sharex=True, layout="constrained")
    for joint, panel in enumerate(panels.flat):
        for number, start in enumerate(frames):
            seconds = (start + np.arange(horizon)) / rate_hz
            # The recorded line is one line, of which each chunk holds a part.
            panel.plot(seconds, recorded[number, :, joint], color=_RECORDED, linewidth=5, solid_capstyle="round")
        for number, color in drawn.items():
            seconds = (frames[number] + np.arange(horizon)) / rate_hz
            panel.plot(seconds, predicted[number, :, joint], color=color, linewidth=1.6)
            panel.plot(seconds[[0, -1]], [states[number, joint]] * 2, color=color, linewidth=1, linestyle=":")
            panel.plot(seconds[0], states[number, joint], color=color, marker="o", markersize=6)
        panel.set_title(metadata["action_names"][joint])
        panel.spines[["top", "right"]].set_visible(False)
        panel.grid(axis="y", alpha=0.25)
    for panel in panels[-1]:
        panel.set_xlabel("seconds of the first episode")
    for panel in panels[:, 0]:
        panel.set_ylabel("units of the dataset")
    handles = [
        plt.Line2D([], [], color=_RECORDED, linewidth=5, label="recorded"),
        *(
            plt.Line2D(
                [], [], color=color, marker="o", markersize=6, label=f"predicted at {frames[number] / rate_hz:.1f} s"
            )
            for number, color in drawn.items()
        ),
        plt.Line2D([], [], color="black", linewidth=1, linestyle=":", label="holding still"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    figure.suptitle(f"{metadata['robot']}: actions predicted by the served policy, {said}")
    figure.savefig(picture, dpi=110)
    return said


if __name__ == "__main__":
    print(draw_actions(*map(pathlib.Path, sys.argv[1:])))
