"""A stand-in for openpi where it is not installed: the names that a robot's files touch, and no behaviour of openpi.

The package `openpi` is the overlay itself, so `openpi.policies.so101_policy` is the real file. What upstream owns is
replaced by records that keep what they are given; a test can read from a config what it says, and nothing more.
"""

from collections.abc import Callable
import dataclasses
import enum
import importlib.util
import pathlib
import sys
import types
from typing import Any

OVERLAY = pathlib.Path(__file__).resolve().parents[2] / "overlay"


def install() -> None:
    """Makes `import openpi` give the stand-in, unless openpi itself is there."""
    if "openpi" in sys.modules or importlib.util.find_spec("openpi") is not None:
        return
    _module("jax", ShapeDtypeStruct=ShapeDtypeStruct)
    openpi = _module("openpi", transforms=_TRANSFORMS)
    openpi.__path__ = [str(OVERLAY / "src" / "openpi")]
    _module("openpi.transforms", **vars(_TRANSFORMS))
    model = _module("openpi.models.model", ModelType=ModelType, BaseModelConfig=Pi0Config)
    _module("openpi.models", model=model).__path__ = []
    _module("openpi.models.pi0_config", Pi0Config=Pi0Config)
    _module("openpi.training.optimizer", CosineDecaySchedule=CosineDecaySchedule)
    _module("openpi.training.weight_loaders", CheckpointWeightLoader=CheckpointWeightLoader)
    _module("openpi.training.config", DataConfig=DataConfig, SimpleDataConfig=SimpleDataConfig, TrainConfig=TrainConfig)


def _module(name: str, **names: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(names)
    sys.modules[name] = module
    return module


@dataclasses.dataclass(frozen=True)
class ShapeDtypeStruct:
    shape: tuple[int, ...]
    dtype: Any


class ModelType(enum.Enum):
    PI0 = "pi0"
    PI0_FAST = "pi0_fast"
    PI05 = "pi05"


@dataclasses.dataclass(frozen=True)
class Pi0Config:
    pi05: bool = False
    action_dim: int = 32
    action_horizon: int = 50
    paligemma_variant: str = "gemma_2b"
    action_expert_variant: str = "gemma_300m"

    @property
    def model_type(self) -> ModelType:
        return ModelType.PI05 if self.pi05 else ModelType.PI0

    def get_freeze_filter(self) -> tuple:
        return ("freeze filter", self.paligemma_variant, self.action_expert_variant)


@dataclasses.dataclass(frozen=True)
class CosineDecaySchedule:
    warmup_steps: int = 1_000
    decay_steps: int = 30_000


@dataclasses.dataclass(frozen=True)
class CheckpointWeightLoader:
    params_path: str


@dataclasses.dataclass(frozen=True)
class Group:
    inputs: list = dataclasses.field(default_factory=list)
    outputs: list = dataclasses.field(default_factory=list)

    def push(self, *, inputs: list, outputs: list) -> "Group":
        return Group([*self.inputs, *inputs], [*outputs, *self.outputs])


@dataclasses.dataclass(frozen=True)
class RepackTransform:
    structure: dict


@dataclasses.dataclass(frozen=True)
class DeltaActions:
    mask: tuple[bool, ...]


@dataclasses.dataclass(frozen=True)
class AbsoluteActions:
    mask: tuple[bool, ...]


_TRANSFORMS = types.SimpleNamespace(
    DataTransformFn=object,
    Group=Group,
    RepackTransform=RepackTransform,
    DeltaActions=DeltaActions,
    AbsoluteActions=AbsoluteActions,
    make_bool_mask=lambda *runs: tuple(run > 0 for run in runs for _ in range(abs(run))),
)


@dataclasses.dataclass(frozen=True)
class DataConfig:
    repack_transforms: Group
    action_sequence_keys: tuple[str, ...]
    prompt_from_task: bool


@dataclasses.dataclass(frozen=True)
class SimpleDataConfig:
    repo_id: str
    data_transforms: Callable[[Pi0Config], Group]
    base_config: DataConfig


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    name: str
    model: Pi0Config
    data: SimpleDataConfig
    lr_schedule: CosineDecaySchedule
    num_train_steps: int
    batch_size: int
    policy_metadata: dict
    weight_loader: CheckpointWeightLoader | None = None
    freeze_filter: tuple | None = None
    ema_decay: float | None = 0.99
    save_interval: int = 1000
    keep_period: int | None = 5000
    exp_name: str | None = None
    overwrite: bool = False
    wandb_enabled: bool = True
