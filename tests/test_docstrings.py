"""What docstrings and comments name in backticks exists."""

from __future__ import annotations

import ast
import builtins
import functools
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "potentia"
FILES = sorted(SOURCE.rglob("*.py"))
NAME = re.compile(r"`([A-Za-z_][\w.]*)(?:\(\))?`")
# files, and other people's names
FOREIGN = re.compile(r".*\.(md|svg|json|npz|csv|png)$|(jax|networkx|np|scipy)\.")
# Of other libraries and programs, or words of files and formulas.
OTHERS = {"numpy", "np", "jax", "jnp", "scipy", "optax", "networkx", "git", "pip", "argparse",
          "json", "npz", "npy",
          "vmap", "jit", "scan", "while_loop", "map", "lax", "pyright", "mypy"}


def identifiers(tree: ast.AST) -> set[str]:
    """Every name that a file defines, sets, takes or is told by text: what a docstring may speak
    of."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value, node.value.replace("-", "_")}
    return found


@functools.cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


@functools.cache
def known() -> set[str]:
    """Every name that any file knows."""
    names = {name for file in FILES for name in identifiers(tree_of(file))}
    names |= {part for file in FILES
              for part in file.relative_to(SOURCE.parent).with_suffix("").parts}
    return names | OTHERS | set(dir(builtins))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_every_name_in_backticks_exists(file: Path) -> None:
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree_of(file))
             if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    texts += re.findall(r"#\s.*$", file.read_text(), flags=re.MULTILINE)
    named = {name for text in texts for name in NAME.findall(text) if not FOREIGN.match(name)}
    missing = {name for name in named if not all(part in known() for part in name.split("."))}
    assert missing == set()
