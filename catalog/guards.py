"""What can be told of a rule by reading it: what it compares with, and where it would meet none."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.rules import Undecidable, evaluate, names_in, parse, path_of
from catalog.values import plain

_ORDERING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def texts_compared(rule: str, name: str) -> frozenset[str]:
    """List the texts that a name is compared with by ==, != or in, so that misspelt choices are found."""
    found: set[str] = set()
    for node in ast.walk(parse(rule)) if rule.strip() else ():
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and not isinstance(node.ops[0], _ORDERING):
            sides = (node.left, node.comparators[0])
            if any(".".join(path_of(side)) == name for side in sides):
                found.update(text for side in sides for text in _literals(side))
    return frozenset(found)


def _literals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.List | ast.Tuple):
        for part in node.elts:
            yield from _literals(part)


def unguarded(
    rule: str, maybe_none: Mapping[str, str], *, given: frozenset[str] = frozenset()
) -> frozenset[str]:
    """List the names that are ordered or calculated with although they may be none there.

    `maybe_none` maps each such name to the rule that shows its question ("" when it is only optional); a
    name is safe after `name != none and`, after `name and`, or after what implies the rule that shows it.
    """
    found: set[str] = set()
    _look_for_none(parse(rule), maybe_none, given, found)
    return frozenset(found)


def present_when(rule: str, maybe_none: Mapping[str, str]) -> frozenset[str]:
    """List the names that are surely not none where a rule holds."""
    return _present(parse(rule), maybe_none, holds=True)


def _look_for_none(node: ast.AST, maybe: Mapping[str, str], safe: frozenset[str], found: set[str]) -> None:
    if isinstance(node, ast.BoolOp):
        for part in node.values:
            _look_for_none(part, maybe, safe, found)
            safe |= _present(part, maybe, holds=isinstance(node.op, ast.And))
        return
    if isinstance(node, ast.IfExp):
        _look_for_none(node.test, maybe, safe, found)
        _look_for_none(node.body, maybe, safe | _present(node.test, maybe, holds=True), found)
        _look_for_none(node.orelse, maybe, safe | _present(node.test, maybe, holds=False), found)
        return
    operands: list[ast.AST] = []
    if isinstance(node, ast.Compare) and any(isinstance(operator, _ORDERING) for operator in node.ops):
        operands = [node.left, *node.comparators]
    elif isinstance(node, ast.BinOp):
        operands = [node.left, node.right]
    elif isinstance(node, ast.Call):
        operands = [*node.args] if isinstance(node.func, ast.Name) and node.func.id != "len" else []
    found.update(
        ".".join(path) for path in map(path_of, operands) if path and ".".join(path) in maybe.keys() - safe
    )
    for child in ast.iter_child_nodes(node):
        _look_for_none(child, maybe, safe, found)


def _present(node: ast.AST, maybe: Mapping[str, str], *, holds: bool) -> frozenset[str]:
    """List the names that are surely not none once this part is known to hold, or not to."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _present(node.operand, maybe, holds=not holds)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) == holds:
        return frozenset().union(*(_present(part, maybe, holds=holds) for part in node.values))
    shown = frozenset(name for name, rule in maybe.items() if rule and _implies(node, rule, holds=holds))
    if holds and path_of(node):
        return shown | {".".join(path_of(node))}
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        path, other = path_of(node.left), node.comparators[0]
        is_none = path_of(other) == ("none",) or (isinstance(other, ast.Constant) and other.value is None)
        equals = isinstance(node.ops[0], ast.Eq if holds else ast.NotEq)
        differs = isinstance(node.ops[0], ast.NotEq if holds else ast.Eq)
        if path and ((is_none and differs) or (not is_none and equals)):
            return shown | {".".join(path)}
    return shown


def _implies(fact: ast.AST, rule: str, *, holds: bool) -> bool:
    """Tell whether a rule about one name surely holds where this part does, or does not, hold."""
    told = fact if holds else _turned(fact)
    if told is None:
        return False
    fact = told
    if ast.dump(parse(rule)) == ast.dump(fact):
        return True
    if not isinstance(fact, ast.Compare) or len(fact.ops) != 1:
        return False
    path, values = path_of(fact.left), list(_literals(fact.comparators[0]))
    if not isinstance(fact.ops[0], ast.Eq | ast.In) or not values or names_in(rule) != {".".join(path)}:
        return False
    return all(_holds_for(rule, path, value) for value in values)


_OPPOSITE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


def _turned(fact: ast.AST) -> ast.AST | None:
    """Write the opposite of a comparison, so that what does not hold is read as what does."""
    if isinstance(fact, ast.UnaryOp) and isinstance(fact.op, ast.Not):
        return fact.operand
    if isinstance(fact, ast.Compare) and len(fact.ops) == 1 and type(fact.ops[0]) in _OPPOSITE:
        opposite = _OPPOSITE[type(fact.ops[0])]()
        return ast.Compare(left=fact.left, ops=[opposite], comparators=fact.comparators)
    return None


def _holds_for(rule: str, path: tuple[str, ...], value: Any) -> bool:
    names = value
    for part in reversed(path):
        names = {part: names}
    try:
        return bool(plain(evaluate(rule, names)))
    except Undecidable:
        return False
