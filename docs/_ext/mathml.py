"""Formulas as MathML, which browsers typeset themselves: nothing is fetched, no TeX is needed.

The translation from LaTeX is that of docutils, on which Sphinx stands.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml


def typeset(latex: str, *, block: bool) -> str:
    """The MathML of one formula. Raises docutils' MathError for LaTeX that it does not know."""
    return tex2mathml(latex, as_block=block)


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(typeset(node.astext(), block=False))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{typeset(node.astext(), block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls: the renderer `mathml`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
