"""Patch lerobot-layout: the loader finds LeRobot's datasets at their old place and at their new one.

LeRobot 0.3.3 is installed here, which has the new place. The old one is a stand-in package: the LeRobot revision that
upstream pins is on no package index.
"""

import pytest

from tests.upstream.conftest import PATCHED
from tests.upstream.conftest import PRISTINE
from tests.upstream.snippets import OLD_LEROBOT
from tests.upstream.snippets import run_snippet

READ = """
import openpi.models.pi0_config as pi0_config, openpi.training.config as c, openpi.training.data_loader as d
data = c.DataConfig(repo_id=sys.argv[1], action_sequence_keys=("action",))
print("read", d.create_torch_dataset(data, 10, pi0_config.Pi0Config())[3]["action"].shape)
"""

# The old place alone: whoever still asks for the new one gets an error.
ONLY_OLD = (
    OLD_LEROBOT
    + """
for name in ("lerobot.datasets", "lerobot.datasets.lerobot_dataset"):
    sys.modules[name] = None
"""
)


@pytest.mark.parametrize("place", ["import sys\n", OLD_LEROBOT, ONLY_OLD], ids=["new", "both", "old"])
def test_the_patched_tree_reads_a_dataset_with_either(place, dataset_with_metadata):
    done = run_snippet(PATCHED, place + READ, dataset_with_metadata)
    assert "read torch.Size([10, 6])" in done.stdout, done.stderr


def test_the_pristine_tree_needs_the_place_that_it_names(dataset_with_metadata):
    source = (PRISTINE / "src/openpi/training/data_loader.py").read_text()
    done = run_snippet(PRISTINE, "import sys\n" + READ, dataset_with_metadata)
    if "lerobot.datasets.lerobot_dataset" in source:  # it finds both by itself: apply says so and leaves it alone
        assert "read torch.Size([10, 6])" in done.stdout, done.stderr
    else:
        assert "No module named 'lerobot.common'" in done.stderr
