"""With this folder on PYTHONPATH, LeRobot 0.3 is found at its older place too, in every process that Python starts.

The revision that upstream's locked commit imports (`lerobot.common.datasets`) is on no package index. Spawned workers of
a data loader begin with nothing of their parent but its environment, so it is done here and not in a test.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
import types

_PLACE = "lerobot.common.datasets.lerobot_dataset"
_PACKAGES = ("lerobot.common", "lerobot.common.datasets")


class _OldPlace(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the module at its older place, and the packages above it; LeRobot is imported only when it is asked for."""

    def find_spec(self, name, path, target=None):
        if name not in (*_PACKAGES, _PLACE):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=name in _PACKAGES)

    def create_module(self, spec):
        if spec.name == _PLACE:
            return importlib.import_module("lerobot.datasets.lerobot_dataset")
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        """Nothing is left to do: the module is LeRobot's own, or an empty package."""


sys.meta_path.append(_OldPlace())
