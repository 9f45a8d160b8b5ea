"""Does a patched file say what it should? Judged by what is in it, and not by what the command that patched it said."""

import ast


def judge(wanted: dict[str, bytes], found: dict[str, bytes]) -> str:
    """Says in words what is wrong with patched files; "" when they say the same as they should.

    Python's own parser reads both. The order of the imports does not matter; whatever else stands in another place does.

    Args:
        wanted: The files with the change where it belongs.
        found: The same files as a text patch left them.
    """
    for path, text in wanted.items():
        try:
            theirs = ast.parse(found.get(path, b""))
        except (SyntaxError, ValueError) as e:
            return f"{path} does not parse: {e}"
        ours = ast.parse(text)
        if _imports(ours) != _imports(theirs):
            return f"{path} imports something else"
        for mine, other in zip(_others(ours), _others(theirs), strict=False):
            if ast.dump(mine) != ast.dump(other):
                return f"{path}:{other.lineno} says something else in {_named(mine)}"
        if len(_others(ours)) != len(_others(theirs)):
            return f"{path} has {len(_others(theirs))} statements, not {len(_others(ours))}"
    return ""


def _imports(module: ast.Module) -> list[str]:
    return sorted(ast.dump(s) for s in module.body if isinstance(s, ast.Import | ast.ImportFrom))


def _others(module: ast.Module) -> list[ast.stmt]:
    return [s for s in module.body if not isinstance(s, ast.Import | ast.ImportFrom)]


def _named(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    return getattr(statement, "name", type(statement).__name__)
