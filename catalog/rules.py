"""Rules: "form == 'seasonal' and days(today, last_day) < 30", checked when read, decided with plain data.

simpleeval evaluates them with a short list of operators and functions; no attribute of any Python object is
ever reached, only keys of mappings. What cannot be decided raises Undecidable with the rule's text, and is
never guessed.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

import simpleeval  # type: ignore[import-untyped]

from catalog.problems import N_
from catalog.spans import FUNCTIONS
from catalog.values import attribute, plain, same

LONGEST = 500
DEEPEST = 40
CONSTANTS: Mapping[str, Any] = {"none": None, "true": True, "false": False}


@dataclass(eq=False)
class Undecidable(Exception):
    """The rule's outcome depends on something that is not known."""

    rule: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.rule} ({self.why})" if self.why else self.rule


@dataclass(eq=False)
class RuleFault(Exception):
    """The rule is written wrongly: an English sentence with parameters."""

    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.Mod, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In,
    ast.NotIn, ast.IfExp, ast.Name, ast.Load, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.List,
    ast.Tuple,
)  # fmt: skip


@lru_cache(maxsize=4096)
def parse(rule: str) -> ast.expr:
    """Read a rule, or say in a sentence what is wrong with it."""
    if len(rule) > LONGEST:
        raise RuleFault(N_("This rule is longer than %(most)s characters."), {"most": LONGEST})
    try:
        tree = ast.parse(rule.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if "=" in rule.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", ""):
            raise RuleFault(N_("This is not a rule. To compare, write == in place of =.")) from error
        raise RuleFault(
            N_("This is not a rule that can be read: %(rule)s"), {"rule": rule.strip()[:80]}
        ) from error
    _check(tree, rule)
    return tree.body


def _check(tree: ast.AST, rule: str) -> None:
    if _depth(tree) > DEEPEST:
        raise RuleFault(N_("This rule is nested too deeply."))
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            word = ast.get_source_segment(rule.strip(), node) if isinstance(node, ast.expr) else None
            raise RuleFault(
                N_("“%(what)s” cannot be used in a rule."), {"what": (word or type(node).__name__)[:60]}
            )
        if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float | bool | None):
            raise RuleFault(N_("“%(what)s” cannot be used in a rule."), {"what": str(node.value)[:60]})
        if isinstance(node, ast.Call):
            _check_call(node)
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            raise RuleFault(N_("“%(what)s” cannot be used in a rule."), {"what": node.attr})
        if isinstance(node, ast.Subscript) and not (
            isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str | int)
        ):
            raise RuleFault(N_("Only a text or a number can stand between brackets."))


def _check_call(node: ast.Call) -> None:
    called = node.func.id if isinstance(node.func, ast.Name) else ""
    if called not in FUNCTIONS:
        raise RuleFault(
            N_("There are only the functions %(known)s."), {"known": ", ".join(sorted(FUNCTIONS))}
        )
    if node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
        raise RuleFault(N_("The function %(name)s takes plain values only."), {"name": called})


def _depth(node: ast.AST) -> int:
    deepest, rows = 0, [(node, 1)]
    while rows:
        current, depth = rows.pop()
        deepest = max(deepest, depth)
        rows.extend((child, depth + 1) for child in ast.iter_child_nodes(current))
    return deepest


def evaluate(rule: str, names: Mapping[str, Any]) -> Any:
    """Give what a rule says about these names; an empty rule is true."""
    if not rule.strip():
        return True
    try:
        return _Evaluator(names).run(parse(rule))
    except Undecidable as error:
        raise Undecidable(rule, error.why) from error
    except (simpleeval.InvalidExpression, RuleFault) as error:
        raise Undecidable(rule, str(error)) from error
    except (TypeError, ValueError, ArithmeticError, RecursionError, AttributeError, LookupError) as error:
        raise Undecidable(rule) from error


def holds(rule: str, names: Mapping[str, Any]) -> bool:
    """Tell whether a rule says yes; none is no."""
    return bool(plain(evaluate(rule, names)))


def names_in(rule: str) -> frozenset[str]:
    """List the dotted names a rule refers to."""
    return frozenset(".".join(path) for path in _paths(parse(rule))) if rule.strip() else frozenset()


def _paths(node: ast.AST) -> Iterator[tuple[str, ...]]:
    path = path_of(node)
    if path:
        if path[0] not in CONSTANTS:
            yield path
        return
    children = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    for child in children:
        yield from _paths(child)


def path_of(node: ast.AST) -> tuple[str, ...]:
    """Read a name with its attributes, or nothing where it is something else."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        inner = path_of(node.value)
        return (*inner, node.attr) if inner else ()
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        inner = path_of(node.value)
        return (*inner, str(node.slice.value)) if inner else ()
    return ()


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]
    """simpleeval with our operators, and mappings as the only things that have attributes."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(operators=_OPERATORS, functions=dict(FUNCTIONS), names=names)
        for node in _REFUSED:
            self.nodes.pop(node, None)

    def run(self, tree: ast.expr) -> Any:
        return self._eval(tree)

    def _check_disallowed_items(self, item: Any) -> None:
        """Names are plain data and functions a fixed list: there is nothing to look for."""

    def _eval_name(self, node: ast.Name) -> Any:
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        if node.id not in self.names:
            raise Undecidable("", node.id)
        return self.names[node.id]

    def _eval_attribute(self, node: ast.Attribute) -> Any:
        return attribute(self._eval(node.value), node.attr)

    def _eval_subscript(self, node: ast.Subscript) -> Any:
        value, key = self._eval(node.value), self._eval(node.slice)
        if isinstance(value, list | tuple) and isinstance(key, int):
            return value[key] if -len(value) <= key < len(value) else None
        return attribute(value, key)

    def _eval_boolop(self, node: ast.BoolOp) -> Any:
        stops = isinstance(node.op, ast.Or)
        value: Any = not stops
        for part in node.values:
            value = plain(self._eval(part))
            if bool(value) == stops:
                return value
        return value

    def _eval_ifexp(self, node: ast.IfExp) -> Any:
        return self._eval(node.body if plain(self._eval(node.test)) else node.orelse)


_REFUSED = (
    ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.JoinedStr, ast.FormattedValue, ast.Dict,
    ast.Set, ast.Assign, ast.AugAssign, ast.Import, ast.Slice,
)  # fmt: skip


def _known(value: Any) -> Any:
    value = plain(value)
    if value is None:
        raise Undecidable("")
    return value


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: compare(_known(left), _known(right))


def _inside(item: Any, group: Any) -> bool:
    group = plain(group)
    if group is None:
        return False
    if isinstance(group, str):
        return isinstance(plain(item), str) and plain(item) in group
    if isinstance(group, Mapping):
        return plain(item) in group
    return any(same(item, member) for member in group)


def _added(left: Any, right: Any) -> Any:
    return simpleeval.safe_add(*_numbers(left, right))


def _times(left: Any, right: Any) -> Any:
    left, right = _numbers(left, right)
    if isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple):
        raise Undecidable("")
    return simpleeval.safe_mult(left, right)


def _numbers(left: Any, right: Any) -> tuple[Any, Any]:
    """Let money and fractions be calculated together."""
    left, right = _known(left), _known(right)
    if isinstance(left, Decimal) and isinstance(right, float):
        return left, Decimal(str(right))
    if isinstance(left, float) and isinstance(right, Decimal):
        return Decimal(str(left)), right
    return left, right


def _calculated(calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: calculate(*_numbers(left, right))


_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Eq: same,
    ast.NotEq: lambda left, right: not same(left, right),
    ast.Lt: _ordered(lambda left, right: left < right),
    ast.LtE: _ordered(lambda left, right: left <= right),
    ast.Gt: _ordered(lambda left, right: left > right),
    ast.GtE: _ordered(lambda left, right: left >= right),
    ast.In: _inside,
    ast.NotIn: lambda item, group: not _inside(item, group),
    ast.Not: lambda value: not plain(value),
    ast.USub: lambda value: -_known(value),
    ast.Add: _added,
    ast.Sub: _calculated(lambda left, right: left - right),
    ast.Mult: _times,
    ast.Div: _calculated(lambda left, right: left / right),
    ast.Mod: _calculated(lambda left, right: left % right if not isinstance(left, str) else _known(None)),
}
