"""What a person edits by hand to fine-tune for one robot, as the usual guides say it: the change that a fork carries.

An entry of its own behind the last config that is written out in `_CONFIGS`, and the import of its policy; the other
files get the lines that our series gives them. It is made from the text of a file and Python's own parser, so that what
is compared with it was not made in the same way.
"""

import ast

from tools.refusal import Refused

CONFIG = "src/openpi/training/config.py"

_IMPORT = "import openpi.policies.my_robot_policy as my_robot_policy\n"
_ENTRY = '    TrainConfig(\n        name="pi05_my_robot",\n        model=pi0_config.Pi0Config(pi05=True),\n    ),\n'


def with_own_entry(text: bytes) -> bytes:
    """The config file with the robot's import and entry.

    Args:
        text: `config.py` as upstream has it.

    Raises:
        Refused: no policy is imported, or no config is written out in a list `_CONFIGS`.
    """
    lines = text.decode().splitlines(keepends=True)
    module = ast.parse(text)
    imports = [s.end_lineno for s in module.body if isinstance(s, ast.Import) and ".policies." in s.names[0].name]
    entries = [e.end_lineno for e in _written_out(module)]
    if not imports or not entries:
        raise Refused(
            CONFIG,
            expected="an import of a policy, and a TrainConfig written out in the list _CONFIGS",
            found=f"{len(imports)} such imports and {len(entries)} such configs",
            todo="leave --baseline out, or name a range in which upstream has both",
        )
    for after, code in (
        (entries[-1], _ENTRY),
        (imports[-1], _IMPORT),
    ):  # from the back: the first line stays where it is
        lines.insert(after, code)
    return "".join(lines).encode()


def _written_out(module: ast.Module) -> list[ast.Call]:
    lists = [
        s.value
        for s in module.body
        if isinstance(s, ast.Assign | ast.AnnAssign) and isinstance(s.value, ast.List) and "_CONFIGS" in _names(s)
    ]
    return [
        e for found in lists for e in found.elts if isinstance(e, ast.Call) and ast.unparse(e.func) == "TrainConfig"
    ]


def _names(statement: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]
