"""The digest of a user's code: another one for whatever that code reads anew, the same one for the
same code in any process, and for other data."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from own_rule import GAME, SETTINGS, Stepping, moved

import potentia as pt
from potentia.runtime.code import digest_of, whole_digest_of

HEAD = """
import abc, collections, dataclasses, enum, functools, sys, types, typing
import jax, jax.numpy as jnp, numpy as np, optax, potentia as pt
from jax.numpy import add, tanh
"""
# Programs that make `thing`; for VAL stands one of the two values, 0.1 and 0.9 if none are named.
READ = "class R:\n def update(self, it): return {}\nthing = R()"
HELD = "@pt.rules.rule\nclass R:\n part: object\n def update(self, it): return 1\nthing = R({})"
CONFIG = "@dataclasses.dataclass{}\nclass Config:\n rate: float\n"
FUNCTION = "def f(rate, it): return rate\n"
CHANGES: dict[str, str] = {
    "literal": READ.format("VAL"),
    "default": "class R:\n def update(self, it, rate=VAL): return rate\nthing = R()",
    "keyword-only default": "class R:\n def update(self, *, rate=VAL): return rate\nthing = R()",
    "global": "RATE = VAL\n" + READ.format("RATE"),
    "array in a global": "RATE = np.array([1.0, VAL])\n" + READ.format("RATE"),
    "array of objects": "RATE = np.array([VAL, None], object)\n" + READ.format("RATE"),
    "mask": "RATE = np.ma.array([1.0, 2.0], mask=[VAL > 0.5, 0])\n" + READ.format("RATE"),
    "random key": "KEY = jax.random.key(int(10 * VAL))\n" + READ.format("KEY"),
    "partial in a global": FUNCTION + "g = functools.partial(f, VAL)\n" + READ.format("g(it)"),
    "partial by keyword": FUNCTION + "g = functools.partial(f, rate=VAL)\n" + READ.format("g(it)"),
    "partial in a field": FUNCTION + HELD.format("functools.partial(f, VAL)"),
    "partial in a class": FUNCTION + "class R:\n g = functools.partial(f, VAL)\nthing = R()",
    "list in a partial": FUNCTION + HELD.format("functools.partial(f, [VAL])"),
    "partial method": "class R:\n def f(self, rate): return rate\n"
                      " g = functools.partialmethod(f, VAL)\nthing = R()",
    "frozen dataclass": CONFIG.format("(frozen=True)") + "C = Config(VAL)\n"
                        + READ.format("C.rate"),
    "dataclass": CONFIG.format("") + "C = Config(VAL)\n" + READ.format("C.rate"),
    "dataclass with slots": CONFIG.format("(slots=True)") + "C = Config(VAL)\n"
                            + READ.format("C.rate"),
    "dataclass in a closure": CONFIG.format("") + "def make(c): return lambda it: c.rate\n"
                              + HELD.format("make(Config(VAL))"),
    "dataclass in a class": CONFIG.format("") + "class R:\n c = Config(VAL)\nthing = R()",
    "in a class of Potentia's": CONFIG.format("")
        + "class R(pt.rules.INPG):\n c = Config(VAL)\nthing = R(0.1)",
    "a rule of Potentia's": "INPG = pt.rules.INPG(VAL)\n" + READ.format("INPG"),
    "namespace": "C = types.SimpleNamespace(rate=VAL)\n" + READ.format("C.rate"),
    "private slots": "class C:\n __slots__ = ('__rate',)\n def __init__(self): self.__rate = VAL\n"
                     "C = C()\n" + READ.format("C"),
    "attribute": "class C: pass\nC = C(); C.rate = VAL\n" + READ.format("C.rate"),
    "attribute of a function": "def f(): return f.rate\nf.rate = VAL\n" + READ.format("f()"),
    "static field": "class C: pass\nc = C(); c.rate = VAL\n@pt.rules.rule\nclass R:\n"
                    " c: object = pt.rules.static()\nthing = R(c)",
    "number of a user's class": "class F(float): pass\nC = F(VAL)\n" + READ.format("C"),
    "enum": "class M(enum.Enum):\n A = 0.1\n B = 0.9\nMODE = M(VAL)\n" + READ.format("MODE is M.A"),
    "value of an enum": "class M(enum.Enum):\n A = VAL\n" + READ.format("M.A.value"),
    "enum in a field": "class M(enum.Enum):\n A = 0.1\n B = 0.9\n" + HELD.format("M(VAL)"),
    "int enum": "class M(enum.IntEnum):\n A = 1\n B = 9\nMODE = M(int(10 * VAL))\n"
                + READ.format("MODE"),
    "set": "S = {'a', VAL}\n" + READ.format("it in S"),
    "frozen set": "S = frozenset({'a', VAL})\n" + READ.format("it in S"),
    "set in code": READ.format("it in {'a', 'b', VAL}"),
    "functions in a set": "S = {lambda: 1, lambda: VAL}\n" + READ.format("S"),
    "deque": "Q = collections.deque([VAL])\n" + READ.format("Q"),
    "list of functions": "L = [lambda: VAL]\n" + READ.format("L[0]()"),
    "dict that holds itself": "D = {'rate': VAL}\nD['f'] = lambda: D['rate']\n"
                              + READ.format("D['f']()"),
    "bound method": "class S:\n def __init__(self): self.rate = VAL\n"
                    " def at(self, it): return self.rate\n" + HELD.format("S().at"),
    "bound method of a list": HELD.format("[VAL].__getitem__"),
    "jit": "@jax.jit\ndef h(x): return VAL\n" + READ.format("h(it)"),
    "jit of a method": "class R:\n @functools.partial(jax.jit, static_argnums=0)\n"
                       " def update(self, it): return VAL\nthing = R()",
    "vmap": "@jax.vmap\ndef h(x): return VAL\n" + READ.format("h(it)"),
    "custom_jvp": "@jax.custom_jvp\ndef h(x): return VAL\n" + READ.format("h(it)"),
    "its derivative": "@jax.custom_jvp\ndef h(x): return x\n"
                      "h.defjvp(lambda p, t: (h(*p), VAL * t[0]))\n" + READ.format("h(it)"),
    "lru_cache": "@functools.lru_cache\ndef h(x): return VAL\n" + READ.format("h(it)"),
    "singledispatch": "@functools.singledispatch\ndef h(x): return VAL\n" + READ.format("h(it)"),
    "wraps": "def twice(f):\n @functools.wraps(f)\n def g(*a): return 2 * f(*a)\n return g\n"
             "@twice\ndef h(x): return VAL\n" + READ.format("h(it)"),
    "nested class": "class R:\n class Config: rate = VAL\nthing = R()",
    "class attribute": "class B: rate = VAL\nclass R(B): pass\nthing = R()",
    "property": "class R:\n @property\n def rate(self): return VAL\nthing = R()",
    "cached property": "class R:\n @functools.cached_property\n def rate(self): return VAL\n"
                       "thing = R()",
    "static method": "class R:\n @staticmethod\n def rate(): return VAL\nthing = R()",
    "class method": "class R:\n @classmethod\n def rate(cls): return VAL\nthing = R()",
    "module": "mine = types.ModuleType('mine'); mine.RATE = VAL\n" + READ.format("mine.RATE"),
    "module in a module": "mine = types.ModuleType('mine')\n"
                          "mine.sub = types.ModuleType('mine.sub')\n"
                          "mine.sub.RATE = VAL\n" + READ.format("mine.sub.RATE"),
    "module in a field": "mine = types.ModuleType('mine'); mine.RATE = VAL\n" + HELD.format("mine"),
    "module imported inside": "class R:\n def update(self):\n  import imported_here\n"
                              "  return imported_here.RATE\nthing = R()",
    "name imported inside": "class R:\n def update(self):\n  from imported_here import RATE\n"
                            "  return RATE\nthing = R()",
    "relative import inside": "__package__ = 'around.here'\nclass R:\n def update(self):\n"
                              "  from ..imported_there import RATE\n  return RATE\nthing = R()",
    "optax in a global": "T = optax.sgd(VAL)\n" + READ.format("T.init(it)"),
    "optax in a field": HELD.format("optax.adam(VAL)"),
    "optax schedules": HELD.format("optax.join_schedules([optax.constant_schedule(VAL), "
                                   "optax.constant_schedule(0.2)], [10])"),
    "forty calls": "def d0(): return VAL\n" + "".join(f"def d{k + 1}(): return d{k}()\n"
                                                      for k in range(40)) + READ.format("d40()"),
    "function in slots": "@dataclasses.dataclass(frozen=True, slots=True)\nclass R:\n f: object\n"
                         "thing = R(lambda: VAL)",
    "function in a dict": HELD.format("{'f': lambda: VAL}"),
    "function in a namespace": "C = types.SimpleNamespace(f=lambda: VAL)\n" + READ.format("C.f()"),
    "schedule that is called": "class D:\n def __call__(self, it): return VAL\n"
                               + HELD.format("D()"),
}
# The same code, whatever stands for VAL.
DATA: dict[str, str] = {
    "field": HELD.format("VAL"),
    "array in a field": HELD.format("np.full(2, VAL)"),
    "array of JAX's in a field": HELD.format("jnp.full(2, VAL)"),
    "nested": CONFIG.format("") + HELD.format("{'a': [(Config(VAL), 1)]}"),
    "slots": "class R:\n __slots__ = ('__rate',)\n def __init__(self, r): self.__rate = r\n"
             "thing = R(VAL)",
    "traced number": "@pt.rules.rule\nclass R:\n times: int = pt.rules.traced()\n"
                     "thing = R(int(10 * VAL))",
    "namedtuple": "N = collections.namedtuple('N', 'a b')\n" + HELD.format("N(VAL, 1.0)"),
    "line": "\n" * 3 + READ.format("1"),
    "unread global": "RATE = VAL\n" + READ.format("1"),
    "unread attribute of a module": "mine = types.ModuleType('mine'); mine.RATE = VAL\n"
                                    "mine.OTHER = 1\n" + READ.format("mine.OTHER"),
    "what was worked out": "class C:\n @functools.cached_property\n def rate(self): return 1\n"
                           "C = C()\nif VAL > 0.5: C.rate\n" + READ.format("C.rate"),
    "used caches": "@functools.lru_cache\ndef f(x): return 1\n@jax.jit\ndef g(x): return x\n"
                   "if VAL > 0.5: f(1), g(1)\n" + READ.format("f(1) + g(1)"),
    "many of a library's": "L = [optax.adam(0.1), np.random.default_rng(0), jax.devices()[0], add, "
                           "np.sin, len, object(), tanh, jax.vmap(jnp.sin), typing.Any, range(3), "
                           "jnp.float32, np.dtype('f8')]\nclass P(abc.ABC): pass\n"
                           + READ.format("L, P, jnp.dot, np.linalg.norm"),
}


def made(program: str, value: object, module: str = "userfile") -> Any:
    """What the program makes with this value in it, as a module of that name would."""
    for name in ("imported_here", "around.imported_there"):
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name])["RATE"] = value
    space: dict[str, Any] = {"__name__": module}
    exec(compile(HEAD + program.replace("VAL", repr(value)), module, "exec", dont_inherit=True),
         space)
    return space["thing"]


def digests() -> dict[str, str]:
    return {name: digest_of(made(program, 0.1))
            for name, program in (*CHANGES.items(), *DATA.items())}


@pytest.mark.parametrize("program", CHANGES.values(), ids=CHANGES)
def test_another_value_that_code_reads_has_another_digest(program: str) -> None:
    one, other, again = (digest_of(made(program, value)) for value in (0.1, 0.9, 0.1))
    assert one == again
    assert one != other


@pytest.mark.parametrize("program", DATA.values(), ids=DATA)
def test_data_and_what_is_not_read_have_no_part_in_it(program: str) -> None:
    assert digest_of(made(program, 0.1)) == digest_of(made(program, 0.9, "moved_elsewhere"))


def test_the_digests_are_the_same_in_every_process() -> None:
    expected = digests()
    for seed in ("1", "2"):
        run = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True,
                             env={**os.environ, "PYTHONHASHSEED": seed})
        found = json.loads(run.stdout)
        assert [name for name in expected if found[name] != expected[name]] == []


def test_things_without_end_have_a_digest() -> None:
    deep: Any = ()
    for _ in range(5000):
        deep = (deep,)
    assert whole_digest_of(deep) == whole_digest_of(deep)
    around = types.SimpleNamespace()
    around.self = [around]
    assert whole_digest_of(around) == whole_digest_of(around)
    assert whole_digest_of(10**5000) != whole_digest_of(10**5000 + 1)


def test_elements_of_a_set_that_know_each_other_come_in_any_order() -> None:
    class Element:
        def __init__(self, name: str, place: int):
            self.name, self.place, self.others = name, place, []

        def __hash__(self) -> int:
            return self.place

    def pair(first: int, second: int) -> set[Element]:
        one, other = Element("one", first), Element("other", second)
        one.others, other.others = [other], [one]
        return {one, other}

    found = []
    for places in ((1, 2), (2, 1)):
        elements = pair(*places)
        for element in elements:
            del element.place
        found.append(whole_digest_of(elements))
    assert found[0] == found[1]


@dataclasses.dataclass
class Config:
    rate: float


CONFIGURED = Config(0.1)


class Configured:
    def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
        return ()

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> tuple:
        return moved(log_policy, view, CONFIGURED.rate), memory


def test_a_changed_dataclass_is_read_anew() -> None:
    for rate in (0.1, 0.9, 0.1):
        CONFIGURED.rate = rate
        mine, theirs = (pt.solve(GAME, rule, max_iterations=1, **SETTINGS).profile
                        for rule in (Configured(), pt.rules.INPG(step_size=rate / GAME.scale)))
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


def went_on(place: Path, limit: int, rate: float, seed: str) -> str:
    """What a solve in a new process says that goes on from the checkpoint in `place`."""
    script = Path(__file__).with_name("own_rule.py")
    run = subprocess.run([sys.executable, script, place, str(limit), str(rate)], check=True,
                         capture_output=True, text=True,
                         env={**os.environ, "PYTHONHASHSEED": seed})
    return run.stdout.strip()


def test_a_checkpoint_goes_on_in_another_process_unless_a_partial_has_changed(
        tmp_path: Path) -> None:
    assert went_on(tmp_path / "ck", 3, 0.1, "1") == "3"
    assert went_on(tmp_path / "ck", 6, 0.1, "2") == "6"
    assert "is of another solve: rule is" in went_on(tmp_path / "ck", 9, 0.9, "3")


def test_another_step_is_data_and_needs_no_new_program() -> None:
    one, other = (Stepping(functools.partial(max, 0.1), step) for step in (0.1, jnp.asarray(0.2)))
    assert digest_of(one) == digest_of(other)


if __name__ == "__main__":
    print(json.dumps(digests()))
