"""Mutated upstreams: the real files, changed as another commit or a fork might have changed them.

Each mutation says what must come of the patches: those that it breaks must be refused, and every other must be right.
Nothing of upstream is kept here: the texts come from the upstream that a test is given.
"""

import dataclasses
import random

from tests.codemods import reshaping
from tests.codemods.reshaping import Reshape
from tests.codemods.reshaping import append
from tests.codemods.reshaping import around_value
from tests.codemods.reshaping import in_place_of_assignment
from tests.codemods.reshaping import substitute

CONFIG = "src/openpi/training/config.py"
LOADER = "src/openpi/training/data_loader.py"
WEIGHTS = "src/openpi/training/weight_loaders.py"
EVERY = (CONFIG, LOADER, WEIGHTS)
MARK = "\ufeff"


@dataclasses.dataclass(frozen=True)
class Mutation:
    """One way in which upstream may differ.

    Attributes:
        name: What it does.
        files: The files that it changes.
        reshape: The change to their text.
        breaks: The patches that must be refused then.
    """

    name: str
    files: tuple[str, ...]
    reshape: Reshape
    breaks: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Mutated:
    """An upstream after some mutations.

    Attributes:
        texts: The files by path.
        names: The mutations that changed something, in order.
        broken: The patches that must be refused.
    """

    texts: dict[str, str] = dataclasses.field(repr=False)
    names: tuple[str, ...] = ()
    broken: frozenset[str] = frozenset()


def mutate(texts: dict[str, str], mutations: tuple[Mutation, ...], seed: int) -> Mutated:
    """Makes mutations one after the other; one that does not apply to a file any more leaves it as it is."""
    chance, texts, names, broken = random.Random(seed), dict(texts), [], set()
    for mutation in mutations:
        for path in [path for path in mutation.files if path in texts]:
            # What comes first must stay first; no other mutation has to know of it.
            mark = MARK if texts[path].startswith(MARK) else ""
            new = mutation.reshape(texts[path].removeprefix(MARK), chance)
            if new is not None and new != texts[path].removeprefix(MARK):
                texts[path] = mark + new.removeprefix(mark)
                names.append(mutation.name)
                broken |= set(mutation.breaks)
    return Mutated(texts, tuple(dict.fromkeys(names)), frozenset(broken))


_CONFIGS, _SKIP, _IMAGES, _LAYOUT = "overlay-configs", "shape-skip", "image-decoding", "lerobot-layout"

_DECOYS = '''def elsewhere(_CONFIGS, *, overlay_configs=None):
    """_CONFIGS = []
    LeRobotDataset()
    """
    _CONFIGS = []
    _CONFIGS.clear()
    image_decoding = overlay_configs

    def create_torch_dataset(x: "LeRobotDataset"):
        return isinstance(x, lerobot_dataset.LeRobotDataset), LeRobotDatasetMetadata()

    def _merge_params(loaded_params, params):
        return None

    return create_torch_dataset, _merge_params, image_decoding


class Elsewhere:
    _CONFIGS = [None]
    shape_skip = 1

    def create_torch_dataset(self) -> "LeRobotDataset":
        return self.lerobot_dataset("LeRobotDataset(_CONFIGS = [")

    def _merge_params(self):
        import lerobot.common.datasets.lerobot_dataset as lerobot_dataset

        return lerobot_dataset'''

LAYOUT = (
    Mutation("shuffled imports", EVERY, reshaping.shuffle_imports),
    Mutation("imports without blank lines", EVERY, reshaping.close_up_imports),
    Mutation("reformatted", EVERY, reshaping.ruff_format()),
    Mutation("no magic commas", EVERY, reshaping.ruff_format("format.skip-magic-trailing-comma=true")),
    Mutation("tabs", EVERY, reshaping.ruff_format("format.indent-style='tab'", "format.quote-style='single'")),
    Mutation("unparsed", EVERY, reshaping.unparse),
    Mutation("commented", EVERY, reshaping.comment),
    Mutation("CRLF", EVERY, reshaping.use_crlf),
    Mutation("no final newline", EVERY, reshaping.end_without_newline),
    Mutation("byte order mark", EVERY, reshaping.begin_with_a_mark),
    Mutation("future import", EVERY, reshaping.import_the_future),
    Mutation("decoys", EVERY, append(_DECOYS)),
)

NEIGHBOURS = (
    Mutation("renamed model module", EVERY, substitute(r"(?<![\w.])_model\b", "model_lib")),
    Mutation("renamed transforms", (CONFIG, LOADER), substitute(r"(?<![\w.])_transforms\b", "tf")),
    Mutation("renamed loaders", (CONFIG,), substitute(r"(?<![\w.])weight_loaders\b", "weight_loading")),
    Mutation("renamed variable", (LOADER,), substitute(r"\bdataset_meta\b", "meta")),
    Mutation("renamed parameter", (LOADER,), substitute(r"\baction_horizon\b", "horizon")),
    Mutation("renamed pattern", (WEIGHTS,), substitute(r"\bmissing_regex\b", "pattern_of_missing")),
    Mutation(
        "import of everything",
        EVERY,
        append("if __debug__:\n    from openpi.shared.names import *"),
        (_CONFIGS, _SKIP, _IMAGES),
    ),
)

LIST = (
    Mutation("annotated", (CONFIG,), substitute(r"^_CONFIGS = ", "_CONFIGS: list[TrainConfig] = ")),
    Mutation("two targets", (CONFIG,), substitute(r"^_CONFIGS = ", "ALL_CONFIGS = _CONFIGS = ")),
    Mutation("no trailing comma", (CONFIG,), substitute(r",(\s*\n\]\r?\n)", r"\1")),
    Mutation("list()", (CONFIG,), around_value("_CONFIGS", "list(", ")")),
    Mutation("parentheses", (CONFIG,), around_value("_CONFIGS", "(\n  ", "\n)")),
    Mutation("a call + the list", (CONFIG,), around_value("_CONFIGS", "tuple() + ", "")),
    Mutation("the list + a call", (CONFIG,), around_value("_CONFIGS", "", " + build_configs()")),
    Mutation("the list + a comprehension", (CONFIG,), around_value("_CONFIGS", "", " + [c for c in ()]")),
    Mutation("extended later", (CONFIG,), append("_CONFIGS += [None]\n_CONFIGS.append(None)")),
    Mutation("sorted()", (CONFIG,), around_value("_CONFIGS", "sorted(", ", key=id)"), (_CONFIGS,)),
    Mutation("conditional", (CONFIG,), around_value("_CONFIGS", "(", " if __debug__ else [])"), (_CONFIGS,)),
    Mutation("tuple()", (CONFIG,), around_value("_CONFIGS", "tuple(", ")"), (_CONFIGS,)),
    Mutation("assigned again", (CONFIG,), append("_CONFIGS = [c for c in _CONFIGS]"), (_CONFIGS,)),
    Mutation("emptied later", (CONFIG,), append("if __debug__:\n    _CONFIGS.clear()"), (_CONFIGS,)),
    Mutation("shortened later", (CONFIG,), append("_CONFIGS.pop()"), (_CONFIGS,)),
    Mutation("set by a function", (CONFIG,), append("def reset():\n    global _CONFIGS"), (_CONFIGS,)),
    Mutation("renamed list", (CONFIG,), substitute(r"\b_CONFIGS\b", "ALL_THE_CONFIGS"), (_CONFIGS,)),
    Mutation(
        "re-exported",
        (CONFIG,),
        in_place_of_assignment("_CONFIGS", "from openpi.training.configs import _CONFIGS"),
        (_CONFIGS,),
    ),
    Mutation("built", (CONFIG,), in_place_of_assignment("_CONFIGS", "_CONFIGS = build_configs()"), (_CONFIGS,)),
    Mutation(
        "under a condition",
        (CONFIG,),
        in_place_of_assignment("_CONFIGS", "if __debug__:\n    _CONFIGS = [None]\nelse:\n    _CONFIGS = []"),
        (_CONFIGS,),
    ),
    Mutation(
        "read by half", (CONFIG,), substitute(r"for config in _CONFIGS}$", "for config in _CONFIGS[::2]}"), (_CONFIGS,)
    ),
    Mutation("trimmed by a function", (CONFIG,), append("def trim():\n    del _CONFIGS[3:]"), (_CONFIGS,)),
    Mutation("alias taken in config", (CONFIG,), append("overlay_configs = None"), (_CONFIGS,)),
)

_IMPORT = r"^import lerobot\.common\.datasets\.lerobot_dataset as lerobot_dataset(?=\s*(#.*)?$)"
_ANOTHER = "x.LeRobotDataset('another', delta_timestamps={})"
# Only where the class is still opened further down: beside another class there is nothing to wrap.
_BEFORE_CALL = r"^([ \t]*)((?:dataset_)?meta = )(?=(?s:.*)\bLeRobotDataset\()"
DATASET = (
    Mutation("old function name", (LOADER,), substitute(r"\bcreate_torch_dataset\b", "create_dataset")),
    Mutation("other function name", (LOADER,), substitute(r"\bcreate_(torch_)?dataset\b", "open_data"), (_IMAGES,)),
    Mutation("other class", (LOADER,), substitute(r"\bLeRobotDataset\(", "StreamingDataset("), (_IMAGES,)),
    Mutation("two calls", (LOADER,), substitute(_BEFORE_CALL, rf"\1x = {_ANOTHER}\n\1\2")),
    Mutation("a call in a branch", (LOADER,), substitute(_BEFORE_CALL, rf"\1if not x:\n\1    return {_ANOTHER}\n\1\2")),
    Mutation("many datasets", (LOADER,), substitute(_BEFORE_CALL, r"\1x = MultiLeRobotDataset([])\n\1\2"), (_IMAGES,)),
    Mutation(
        "opened elsewhere", (LOADER,), append("def more():\n    return lerobot_dataset.LeRobotDataset('x')"), (_IMAGES,)
    ),
    Mutation("left over", (LOADER,), substitute(r"(= |return )create_(torch_)?dataset\(", r"\1my_own("), (_IMAGES,)),
    Mutation("alias taken inside", (LOADER,), substitute(_BEFORE_CALL, r"\1image_decoding = 1\n\1\2"), (_IMAGES,)),
    Mutation("alias taken in loader", (LOADER,), append("image_decoding = None"), (_IMAGES,)),
    Mutation("assigned over", (LOADER,), append("create_torch_dataset = create_dataset = open_data = 1"), (_IMAGES,)),
    Mutation("import from", (LOADER,), substitute(_IMPORT, "from lerobot.common.datasets import lerobot_dataset")),
    Mutation(
        "import in a try",
        (LOADER,),
        substitute(
            _IMPORT, "try:\n    import lerobot.common.datasets.lerobot_dataset as lerobot_dataset\nfinally: pass"
        ),
        (_LAYOUT,),
    ),
    Mutation(
        "import of the new layout",
        (LOADER,),
        substitute(_IMPORT, "import lerobot.datasets.lerobot_dataset as lerobot_dataset"),
        (_LAYOUT,),
    ),
    Mutation(
        "import without alias",
        (LOADER,),
        substitute(_IMPORT, "import lerobot.common.datasets.lerobot_dataset"),
        (_LAYOUT,),
    ),
    Mutation(
        "import of other names",
        (LOADER,),
        substitute(_IMPORT, "from lerobot.common.datasets import lerobot_dataset, utils"),
        (_LAYOUT,),
    ),
)

MERGE = (
    Mutation("decorated", (WEIGHTS,), substitute(r"^(def _merge_params\()", r"@functools.cache\n\1")),
    Mutation("no docstring", (WEIGHTS,), substitute(r'^[ \t]*"""Merges(?s:.*?)"""\s*?\n', "")),
    Mutation("no dtype test", (WEIGHTS,), substitute(r"(v\.astype\(.*?\)) if v\.dtype .*", r"\1")),
    Mutation("other parameter", (WEIGHTS,), substitute(r"\bloaded_params\b", "ckpt_params"), (_SKIP,)),
    Mutation("other reference", (WEIGHTS,), substitute(r"(?<=[ (])params\b(?=[:,])", "ref_params"), (_SKIP,)),
    Mutation("other merge name", (WEIGHTS,), substitute(r"\b_merge_params\b", "merge_params"), (_SKIP,)),
    Mutation("merge again", (WEIGHTS,), append("def _merge_params(loaded_params, params):\n    pass"), (_SKIP,)),
    Mutation("merge assigned over", (WEIGHTS,), append("_merge_params = NoOpWeightLoader"), (_SKIP,)),
    Mutation(
        "merged otherwise", (WEIGHTS,), substitute(r"return _merge_params\((?=.*lora)", "return merge("), (_SKIP,)
    ),
    Mutation("alias taken in weights", (WEIGHTS,), append("class shape_skip: pass"), (_SKIP,)),
)

MUTATIONS = LAYOUT + NEIGHBOURS + LIST + DATASET + MERGE
