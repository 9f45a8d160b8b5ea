"""The trees and the data that the tests here run upstream with; `just test` names the folders.

This runs in build/upstream-venv, which has none of what `tools` needs but its standard library part. Nothing may reach
the network, so everything is set before LeRobot and openpi are imported.
"""

import os
import pathlib

import pytest

# Two processes share the tests, a file to each: what they make must not meet.
WORK = pathlib.Path(os.environ["OPENPI_WORK"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
PATCHED = pathlib.Path(os.environ["OPENPI_PATCHED"])
PRISTINE = pathlib.Path(os.environ["OPENPI_PRISTINE"])

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HOME": str(WORK / "hf"),
    "HF_LEROBOT_HOME": str(WORK / "datasets"),
    "OPENPI_DATA_HOME": str(WORK / "openpi-data"),
    "HOME": str(WORK / "home"),
    "JAX_PLATFORMS": "cpu",
    "WANDB_MODE": "disabled",
}


@pytest.fixture(scope="session", autouse=True)
def tokenizer():
    """The stand-in for PaliGemma's tokenizer, where upstream looks for it."""
    from tests.upstream.small.make_tokenizer import make_tokenizer

    (WORK / "home").mkdir(parents=True, exist_ok=True)
    make_tokenizer(WORK / "openpi-data")


@pytest.fixture(scope="session")
def dataset_with_metadata() -> str:
    """A so101 dataset as LeRobot's writer leaves it; returns its repo id."""
    from tests.upstream.small.make_dataset import make_dataset

    make_dataset(WORK / "datasets", "tests/with_metadata", 36)
    return "tests/with_metadata"


@pytest.fixture(scope="session")
def dataset_without_metadata(dataset_with_metadata) -> str:
    """The same dataset after a tool that dropped the parquet's `huggingface` metadata; returns its repo id."""
    from tests.upstream.datasets_on_disk import copy_without_metadata

    copy_without_metadata(WORK / "datasets" / dataset_with_metadata, WORK / "datasets" / "tests/without_metadata")
    return "tests/without_metadata"


@pytest.fixture
def small_models(monkeypatch):
    """Makes the models that a test creates small, and puts everything back."""
    from openpi.models import gemma
    from openpi.models import siglip
    from tests.upstream.small import run_small

    for module, name in ((siglip, "decode_variant"), (gemma, "get_config"), (gemma, "PALIGEMMA_VOCAB_SIZE")):
        monkeypatch.setattr(module, name, getattr(module, name))
    run_small.shrink()
