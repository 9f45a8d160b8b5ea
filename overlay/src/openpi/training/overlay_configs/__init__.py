"""Training configs of robots, one file a robot, found by name.

A robot is added by adding `<robot>_config.py` to this folder, with a function `get_configs()` that returns its list of
`TrainConfig`. This file is imported while `openpi.training.config` is, so the files here import upstream's config
classes inside `get_configs()`.
"""

import importlib
import pkgutil


def get_overlay_configs() -> list:
    """Returns the configs of all robots in this folder, in the order of the file names.

    Raises:
        ValueError: A file is not named `<robot>_config.py` or has no `get_configs`, or two configs have one name.
    """
    configs, owners = [], {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module_name = f"{__name__}.{name}"
        if not name.endswith("_config"):
            raise ValueError(f"{module_name}: expected a file named <robot>_config.py, found {name}.py. Rename it.")
        module = importlib.import_module(module_name)
        if not callable(getattr(module, "get_configs", None)):
            raise ValueError(f"{module_name}: expected a function get_configs(), found none. Add it.")
        for config in module.get_configs():
            if config.name in owners:
                raise ValueError(
                    f"Config {config.name!r}: expected one owner, found {owners[config.name]} and {module_name}. "
                    "Rename it in one of them."
                )
            owners[config.name] = module_name
            configs.append(config)
    return configs
