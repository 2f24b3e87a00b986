"""Tools that are not there are named, with what installs them."""

from __future__ import annotations

import sys

import pytest

import potentia as pt
from potentia.bridges.packages import package


@pytest.mark.parametrize(("module", "call", "extra"), [
    ("pygambit", lambda: pt.bridges.gambit.from_pygambit(1), "gambit"),
    ("nashpy", lambda: pt.bridges.nashpy.from_nashpy(1), "nashpy"),
    ("pyspiel", lambda: pt.bridges.openspiel.from_pyspiel(1), "openspiel"),
    ("pettingzoo", lambda: pt.bridges.pettingzoo.to_parallel_env(pt.games.make("stag-hunt")),
     "pettingzoo"),
    ("pettingzoo", lambda: pt.from_pettingzoo(1), "pettingzoo"),
    ("pettingzoo", lambda: pt.bridges.pettingzoo.enumerated(1), "pettingzoo"),
    ("quantecon", lambda: pt.bridges.quantecon.from_quantecon(1), "quantecon"),
])
def test_a_tool_that_is_not_installed_is_named(monkeypatch, module, call, extra):
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Hidden(module), *sys.meta_path])
    with pytest.raises(pt.InputError) as told:
        call()
    assert str(told.value) == (f"pt.bridges.{extra} needs {module}, which is not installed: pip "
                               f"install 'potentia[{extra}]'")


class Hidden:
    """A finder that finds one package nowhere."""

    def __init__(self, module: str):
        self.module = module

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == self.module:
            raise ModuleNotFoundError(f"No module named {self.module!r}", name=self.module)


def test_a_tool_that_is_broken_is_told_apart(tmp_path, monkeypatch):
    (tmp_path / "broken_tool.py").write_text("import a_part_that_is_not_there\n")
    (tmp_path / "odd_tool.py").write_text("from json import nothing_of_it\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name, why in (("broken_tool", "No module named 'a_part_that_is_not_there'"),
                      ("odd_tool", "cannot import name 'nothing_of_it'")):
        with pytest.raises(pt.InputError, match=f"{name} cannot be loaded: {why}"):
            package(name, "tool")
