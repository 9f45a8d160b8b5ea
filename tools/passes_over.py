"""Reads the conditions under which a loop passes over an item: what is asked, and what only guards the question."""

import ast

# Loops, and what an item may stand in without a condition.
_BLOCKS = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)


def passes_over(body: list[ast.stmt], pattern: ast.expr) -> bool:
    """Does some loop in a function's body go on to the next item whenever a comparison is true?

    Args:
        body: The statements.
        pattern: The comparison; the name `_` in it stands for any expression.
    """
    for node in body:
        if isinstance(node, ast.If):
            if _asserts(node.test, pattern) and isinstance(node.body[-1], ast.Continue) and not _raises(node.body):
                return True
            if _is_guard(node.test) and passes_over(node.body, pattern):
                return True
            if _is_guard(node.test, met=False) and passes_over(node.orelse, pattern):
                return True
        elif isinstance(node, _BLOCKS) and passes_over(node.body, pattern):
            return True
    return False


def _raises(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Raise) for statement in body for node in ast.walk(statement))


def _asserts(condition: ast.expr, pattern: ast.expr) -> bool:
    """Does a condition hold whenever the pattern does, and there is something to compare?"""
    if isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.Or):
        return any(_asserts(value, pattern) for value in condition.values)
    if isinstance(condition, ast.BoolOp):
        rest = [value for value in condition.values if not _is_guard(value)]
        return len(rest) == 1 and _asserts(rest[0], pattern)
    return _matches(condition, pattern)


def _is_guard(condition: ast.expr, *, met: bool = True) -> bool:
    """Does a condition only ask whether there is something to compare, and is there when it is met (or is not)?"""
    match condition:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_guard(operand, met=not met)
        case ast.BoolOp(op=ast.And(), values=values) if met:
            return all(_is_guard(value) for value in values)
        case ast.BoolOp(op=ast.Or(), values=values) if not met:
            return all(_is_guard(value, met=False) for value in values)
        case ast.Call(func=ast.Name(id="hasattr" | "isinstance")):
            return met
        case ast.Compare(ops=[ast.In() | ast.NotIn() as op]):
            return isinstance(op, ast.In) == met
        case ast.Compare(ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
            return isinstance(op, ast.IsNot) == met
    return False


def _matches(node: object, pattern: object) -> bool:
    """Are two pieces of code the same, where `_` in the pattern is anything?"""
    if isinstance(pattern, ast.Name) and pattern.id == "_":
        return isinstance(node, ast.expr)
    if isinstance(pattern, list):
        return (
            isinstance(node, list)
            and len(node) == len(pattern)
            and all(_matches(n, p) for n, p in zip(node, pattern, strict=True))
        )
    if isinstance(pattern, ast.AST):
        same = type(node) is type(pattern)
        return same and all(_matches(getattr(node, f, None), getattr(pattern, f, None)) for f in pattern._fields)
    return node == pattern
