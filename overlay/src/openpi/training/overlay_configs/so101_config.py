"""so101 configs: pi05 fine-tuning with LoRA, and a small model for debugging."""

import openpi.models.model as _model
import openpi.models.pi0_config as pi0_config
import openpi.policies.so101_policy as so101_policy
import openpi.training.optimizer as _optimizer
import openpi.training.weight_loaders as weight_loaders
import openpi.transforms as _transforms

# The LeRobot dataset that all configs below train on.
REPO_ID = "your_username/so101"
# Frames a second, in the dataset and on the robot.
RATE_HZ = 30
# One second of actions, as in the fine-tuning guide: 10 actions at 10 Hz.
ACTION_HORIZON = 30
# Whether an action is a target in the units of the state ("absolute") or a step or speed ("relative").
ACTIONS = "absolute"
# Which actions the model learns as the difference to the state at the start of the chunk; a gripper stays absolute.
DELTA_MASK = _transforms.make_bool_mask(5, -1)

NUM_TRAIN_STEPS = 15_000


def _data_transforms(model_config: _model.BaseModelConfig) -> _transforms.Group:
    group = _transforms.Group(
        inputs=[so101_policy.So101Inputs(model_type=model_config.model_type)],
        outputs=[so101_policy.So101Outputs()],
    )
    return group.push(
        inputs=[_transforms.DeltaActions(DELTA_MASK)],
        outputs=[_transforms.AbsoluteActions(DELTA_MASK)],
    )


def get_configs():
    # Import here to avoid circular imports.
    from openpi.training.config import DataConfig
    from openpi.training.config import SimpleDataConfig
    from openpi.training.config import TrainConfig

    data = SimpleDataConfig(
        repo_id=REPO_ID,
        data_transforms=_data_transforms,
        base_config=DataConfig(
            repack_transforms=_transforms.Group(
                inputs=[
                    _transforms.RepackTransform(
                        {
                            "observation/state": "observation.state",
                            "observation/image_scene": "observation.images.scene",
                            "observation/image_wrist": "observation.images.wrist",
                            "actions": "action",
                            "prompt": "prompt",
                        }
                    )
                ]
            ),
            action_sequence_keys=("action",),
            prompt_from_task=True,
        ),
    )
    # Sent to the robot when it connects, so that it can refuse a policy that was made for another one.
    policy_metadata = {
        "robot": "so101",
        "state_names": list(so101_policy.STATE_NAMES),
        "action_names": list(so101_policy.ACTION_NAMES),
        "cameras": list(so101_policy.CAMERAS),
        "rate_hz": RATE_HZ,
        "actions": ACTIONS,
        "horizon": ACTION_HORIZON,
    }

    def lora_config(name: str, *, action_dim: int) -> TrainConfig:
        model = pi0_config.Pi0Config(
            pi05=True,
            action_dim=action_dim,
            action_horizon=ACTION_HORIZON,
            paligemma_variant="gemma_2b_lora",
            action_expert_variant="gemma_300m_lora",
        )
        return TrainConfig(
            name=name,
            model=model,
            data=data,
            weight_loader=weight_loaders.CheckpointWeightLoader("gs://openpi-assets/checkpoints/pi05_base/params"),
            lr_schedule=_optimizer.CosineDecaySchedule(decay_steps=NUM_TRAIN_STEPS),
            freeze_filter=model.get_freeze_filter(),
            # LoRA fine-tuning does without EMA.
            ema_decay=None,
            num_train_steps=NUM_TRAIN_STEPS,
            save_interval=5_000,
            keep_period=5_000,
            batch_size=32,
            policy_metadata=policy_metadata,
        )

    return [
        # The model has this robot's action dimensions; the action projections of the checkpoint do not fit and are
        # trained anew.
        lora_config("pi05_so101_lora", action_dim=so101_policy.ACTION_DIM),
        # The model keeps the 32 dimensions of the checkpoint, all its weights are used, and actions are padded.
        lora_config("pi05_so101_lora_pad32", action_dim=32),
        #
        # Debugging config.
        #
        TrainConfig(
            name="debug_pi05_so101",
            model=pi0_config.Pi0Config(
                pi05=True,
                action_dim=so101_policy.ACTION_DIM,
                action_horizon=ACTION_HORIZON,
                paligemma_variant="dummy",
                action_expert_variant="dummy",
            ),
            data=data,
            # The schedule must be longer than its warmup, which is 1,000 steps by default.
            lr_schedule=_optimizer.CosineDecaySchedule(warmup_steps=1, decay_steps=10),
            num_train_steps=10,
            batch_size=2,
            overwrite=True,
            exp_name="debug_pi05_so101",
            wandb_enabled=False,
            policy_metadata=policy_metadata,
        ),
    ]
