"""Patch image-decoding: a dataset opens whether or not its parquet says what an image is, and the pixels are the same."""

import numpy as np
import pytest
import torch

from openpi import transforms
from openpi.models import model as _model
import openpi.models.pi0_config as pi0_config
from openpi.policies import aloha_policy
from openpi.policies import droid_policy
from openpi.policies import libero_policy
import openpi.training.config as _config
import openpi.training.data_loader as _data_loader
from openpi.training.image_decoding import ImageDecoding
from openpi.training.lerobot_dataset import LeRobotDataset
from tests.upstream.conftest import PRISTINE
from tests.upstream.conftest import WORK
from tests.upstream.snippets import OLD_LEROBOT
from tests.upstream.snippets import run_snippet

CAMERAS = ("observation.images.scene", "observation.images.wrist")

FIRST_SAMPLE = """
import openpi.models.pi0_config as pi0_config, openpi.training.config as c, openpi.training.data_loader as d
data = c.DataConfig(repo_id=sys.argv[1], action_sequence_keys=("action",))
sample = d.create_torch_dataset(data, 10, pi0_config.Pi0Config())[0]
print("read", sample["observation.images.scene"].dtype)
"""


def open_dataset(repo_id: str):
    data = _config.DataConfig(repo_id=repo_id, action_sequence_keys=("action",))
    return _data_loader.create_torch_dataset(data, 10, pi0_config.Pi0Config())


def test_pristine_upstream_fails_without_the_metadata_and_reads_with_it(
    dataset_with_metadata, dataset_without_metadata
):
    bare = run_snippet(PRISTINE, OLD_LEROBOT + FIRST_SAMPLE, dataset_without_metadata)
    assert bare.returncode != 0
    assert "RuntimeError: Could not infer dtype of dict" in bare.stderr
    whole = run_snippet(PRISTINE, OLD_LEROBOT + FIRST_SAMPLE, dataset_with_metadata)
    assert "read torch.float32" in whole.stdout, whole.stderr


def test_the_pixels_are_the_same_with_and_without_and_as_lerobot_has_them(
    dataset_with_metadata, dataset_without_metadata
):
    whole, bare = open_dataset(dataset_with_metadata), open_dataset(dataset_without_metadata)
    lerobots = LeRobotDataset(dataset_with_metadata)
    assert len(whole) == len(bare) == len(lerobots) > 0
    for index in (0, 17, len(whole) - 1):
        for camera in CAMERAS:
            image = bare[index][camera]
            assert image.dtype == torch.uint8
            assert torch.equal(image, whole[index][camera])
            assert torch.equal(image, (lerobots[index][camera] * 255).round().to(torch.uint8))
        for key in ("observation.state", "action", "timestamp", "action_is_pad"):
            assert torch.equal(bare[index][key], whole[index][key])


def test_spawned_workers_give_the_same_batches(dataset_without_metadata):
    numbers = {key: key for key in (*CAMERAS, "observation.state", "action")}  # a batch holds no text
    dataset = _data_loader.TransformedDataset(
        open_dataset(dataset_without_metadata), [transforms.RepackTransform(numbers)]
    )
    batches = {}
    for workers in (0, 2):
        loader = _data_loader.TorchDataLoader(dataset, local_batch_size=8, num_workers=workers, num_batches=4)
        batches[workers] = [{key: np.asarray(value) for key, value in batch.items()} for batch in loader]
    assert len(batches[0]) == 4
    for alone, spawned in zip(batches[0], batches[2], strict=True):
        for key, value in alone.items():
            np.testing.assert_array_equal(value, spawned[key])
    assert batches[2][0][CAMERAS[0]].dtype == np.uint8


@pytest.fixture(scope="module")
def noise() -> str:
    """A dataset whose images hold every one of the 256 values in each channel; returns its repo id."""
    image = {"dtype": "image", "shape": (48, 40, 3), "names": ["height", "width", "channels"]}
    dataset = LeRobotDataset.create(
        "tests/noise", 30, root=WORK / "datasets" / "tests/noise", features={"image": image}, use_videos=False
    )
    random = np.random.default_rng(0)
    for _ in range(3):
        dataset.add_frame({"image": random.integers(256, size=(48, 40, 3), dtype=np.uint8)}, task="look")
    dataset.save_episode()
    return "tests/noise"


def aloha(image) -> dict:
    data = {"state": np.zeros(14), "images": {"cam_high": image, "cam_left_wrist": image}}
    return aloha_policy.AlohaInputs()(data)


def droid(image) -> dict:
    data = {
        "observation/exterior_image_1_left": image,
        "observation/wrist_image_left": image,
        "observation/joint_position": np.zeros(7),
        "observation/gripper_position": np.zeros(1),
    }
    return droid_policy.DroidInputs(model_type=_model.ModelType.PI05)(data)


def libero(image) -> dict:
    data = {"observation/image": image, "observation/wrist_image": image, "observation/state": np.zeros(8)}
    return libero_policy.LiberoInputs(model_type=_model.ModelType.PI05)(data)


@pytest.mark.parametrize("policy", [aloha, droid, libero])
def test_a_stock_policy_gives_the_model_the_same_pixels_on_our_decoder(policy, noise):
    ours, lerobots = open_bare(noise), LeRobotDataset(noise)
    assert isinstance(ours.hf_dataset.format["format_kwargs"]["transform"], ImageDecoding)
    resize = transforms.ResizeImages(224, 224)
    for index in range(len(lerobots)):
        assert ours[index]["image"].dtype == torch.uint8
        assert lerobots[index]["image"].dtype == torch.float32
        mine, theirs = policy(ours[index]["image"]), policy(lerobots[index]["image"])
        assert mine["image"].keys() == theirs["image"].keys()
        for key in theirs["image"]:
            assert mine["image"][key].dtype == theirs["image"][key].dtype == np.uint8
            np.testing.assert_array_equal(mine["image"][key], theirs["image"][key])
        for key, image in resize(theirs)["image"].items():
            np.testing.assert_array_equal(resize(mine)["image"][key], image)


def open_bare(repo_id: str):
    """The dataset as the patched loader opens it, without action chunks."""
    data = _config.DataConfig(repo_id=repo_id, action_sequence_keys=())
    return _data_loader.create_torch_dataset(data, 1, pi0_config.Pi0Config())
