"""Mutation testing: mutmut, and the mistakes that it does not make by itself.

`just mutants` runs it where mutmut is installed; docs/reference/mutation.md says what came of it.
The arguments are mutmut's own: `run --max-children 1 'swingbreak.risk.*'`, `results`, `show NAME`.
"""

from collections.abc import Iterable

import libcst as cst
from mutmut.__main__ import cli
from mutmut.mutation.mutators import mutation_operators


def turned(node: cst.If) -> Iterable[cst.If]:
    """Turn a condition round."""
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test))


def without_one(node: cst.BooleanOperation) -> Iterable[cst.BaseExpression]:
    """Leave one side of an ``and`` or ``or`` out."""
    for side in (node.left, node.right):
        # in the parentheses of both, or in its own
        yield side.with_changes(
            lpar=[cst.LeftParen(), *side.lpar], rpar=[*side.rpar, cst.RightParen()]
        )


def unfiltered(node: cst.CompFor) -> Iterable[cst.CompFor]:
    """Leave the conditions of a comprehension out."""
    if node.ifs:
        yield node.with_changes(ifs=[])


def undone(node: cst.Expr) -> Iterable[cst.Expr]:
    """Do not do what is done for its effect alone, nor yield what is yielded."""
    if isinstance(node.value, cst.Call | cst.Await):
        yield node.with_changes(value=cst.Ellipsis())
    elif isinstance(node.value, cst.Yield):
        yield node.with_changes(value=cst.Yield(cst.From(cst.Tuple([]))))


mutation_operators.extend(
    [
        (cst.If, turned),
        (cst.BooleanOperation, without_one),
        (cst.CompFor, unfiltered),
        (cst.Expr, undone),
    ]
)

if __name__ == "__main__":
    cli()
