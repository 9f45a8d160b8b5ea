"""Appends an element to a written-out list or tuple in the layout that it has, and takes it off again to the byte."""

from collections.abc import Sequence
from typing import cast

import libcst as cst

_Whitespace = cst.BaseParenthesizableWhitespace


def append(node: cst.List | cst.Tuple, new: cst.StarredElement, indent: str) -> cst.List | cst.Tuple:
    """Adds an element behind the last one.

    Where the closing bracket has a line of its own the element gets one too, below the comments that are there;
    otherwise it stays on the last element's line, or follows its line breaks. It has a trailing comma where the last
    element had one.

    Args:
        node: The list or tuple; a tuple has at least one element and its parentheses.
        new: The element, without a comma.
        indent: One step of indentation, for a list that has no line to take it from.
    """
    closing = _closing(node)
    if not node.elements:
        return _append_to_empty(cast(cst.List, node), new, indent)
    last = node.elements[-1]
    trailing = isinstance(last.comma, cst.Comma)
    comma = cast(cst.Comma, last.comma) if trailing else cst.Comma()
    if isinstance(closing, cst.ParenthesizedWhitespace):
        # What stood between the last element and the bracket stays behind the last element.
        between: _Whitespace = closing.with_changes(last_line=_indentation(node, closing, indent))
        node = _with_closing(node, _line_break(closing, closing.last_line))
    else:
        between = _separator(node.elements)
    comma = comma.with_changes(whitespace_after=between)
    elements = (*node.elements[:-1], last.with_changes(comma=comma), new.with_changes(comma=_comma(trailing)))
    return node.with_changes(elements=elements)


def remove_last(node: cst.List | cst.Tuple) -> cst.List | cst.Tuple:
    """Takes the last element off, as if `append` had never been there."""
    closing = _closing(node)
    trailing = isinstance(node.elements[-1].comma, cst.Comma)
    multi_line = isinstance(closing, cst.ParenthesizedWhitespace)
    if len(node.elements) == 1:
        opening = node.lbracket.whitespace_after
        if multi_line:
            opening = opening.with_changes(last_line=closing.last_line)
            node = _with_closing(node, cst.SimpleWhitespace(""))
        return node.with_changes(elements=(), lbracket=node.lbracket.with_changes(whitespace_after=opening))
    last = node.elements[-2]
    between = last.comma.whitespace_after
    if multi_line:
        node = _with_closing(node, between.with_changes(last_line=closing.last_line))
    kept = last.comma.with_changes(whitespace_after=cst.SimpleWhitespace("")) if trailing else cst.MaybeSentinel.DEFAULT
    return node.with_changes(elements=(*node.elements[:-2], last.with_changes(comma=kept)))


def _append_to_empty(node: cst.List, new: cst.StarredElement, indent: str) -> cst.List:
    opening = node.lbracket.whitespace_after
    if not isinstance(opening, cst.ParenthesizedWhitespace):
        return node.with_changes(elements=(new,))
    deeper = opening.with_changes(last_line=cst.SimpleWhitespace(opening.last_line.value + indent))
    node = _with_closing(node, _line_break(opening, opening.last_line))
    bracket = node.lbracket.with_changes(whitespace_after=deeper)
    return node.with_changes(elements=(new.with_changes(comma=cst.Comma()),), lbracket=bracket)


def _comma(present: bool) -> cst.Comma | cst.MaybeSentinel:  # noqa: FBT001
    return cst.Comma() if present else cst.MaybeSentinel.DEFAULT


def _line_break(like: cst.ParenthesizedWhitespace, last_line: cst.SimpleWhitespace) -> cst.ParenthesizedWhitespace:
    """A line break without comments, ending as the lines around it do."""
    first = cst.TrailingWhitespace(newline=like.first_line.newline)
    return like.with_changes(first_line=first, empty_lines=(), last_line=last_line)


def _indentation(node: cst.List | cst.Tuple, closing: cst.ParenthesizedWhitespace, indent: str) -> cst.SimpleWhitespace:
    """What the last element that begins a line is indented by."""
    before = [e.comma.whitespace_after for e in node.elements[:-1]]
    for space in (*reversed(before), _opening(node)):
        if isinstance(space, cst.ParenthesizedWhitespace):
            return space.last_line
    return cst.SimpleWhitespace(closing.last_line.value + indent)


def _separator(elements: Sequence[cst.BaseElement]) -> _Whitespace:
    """The space between the last two elements, without its comments."""
    space = elements[-2].comma.whitespace_after if len(elements) > 1 else cst.SimpleWhitespace(" ")
    if isinstance(space, cst.ParenthesizedWhitespace):
        return _line_break(space, space.last_line)
    return cst.SimpleWhitespace(" ")


def _opening(node: cst.List | cst.Tuple) -> _Whitespace:
    return node.lbracket.whitespace_after if isinstance(node, cst.List) else node.lpar[-1].whitespace_after


def _closing(node: cst.List | cst.Tuple) -> _Whitespace:
    return node.rbracket.whitespace_before if isinstance(node, cst.List) else node.rpar[0].whitespace_before


def _with_closing(node: cst.List | cst.Tuple, space: _Whitespace) -> cst.List | cst.Tuple:
    if isinstance(node, cst.List):
        return node.with_changes(rbracket=node.rbracket.with_changes(whitespace_before=space))
    return node.with_changes(rpar=(node.rpar[0].with_changes(whitespace_before=space), *node.rpar[1:]))
