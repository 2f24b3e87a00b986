"""Rules of a user's own: what they return is checked, and none learns as another."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from redefined import GAME, START

import potentia as pt
from potentia.runtime.own import packed

FROZEN = dataclasses.dataclass(frozen=True)
WAYS = {"plain": FROZEN, "mutable": dataclasses.dataclass,
        "slots": dataclasses.dataclass(frozen=True, slots=True),
        "declared": pt.rules.rule,
        "registered": lambda cls: jax.tree_util.register_dataclass(FROZEN(cls), data_fields=["c"],
                                                                   meta_fields=[])}


def log_policy_of(logits: Any, view: Any) -> Any:
    return jax.nn.log_softmax(jnp.where(view.mask, logits, -jnp.inf))


def rule(step: Callable[..., Any], declare: Callable[[type], type] = FROZEN) -> Any:
    """A rule that gives `step(rule, log_policy, view)` and remembers nothing."""

    @declare
    class Mine:
        c: float = 0.1

        def init(self, log_policy: Any, mask: Any, key: Any) -> Any:
            return ()

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> Any:
            return step(self, log_policy, view), memory

    return Mine()


@pytest.fixture(scope="module")
def congestion() -> Any:
    return pt.games.make("stochastic-congestion", n_agents=2)


@pytest.mark.parametrize("declare", WAYS.values(), ids=WAYS)
def test_a_right_rule_learns_as_ours_does(declare: Callable[[type], type]) -> None:
    mine = rule(lambda self, log_policy, view: log_policy_of(log_policy + self.c * view.advantage,
                                                             view), declare)
    expected = pt.solve(GAME, pt.rules.INPG(step_size=0.05), initial=START, max_iterations=3,
                        tolerance=None)
    found = pt.solve(GAME, mine, initial=START, max_iterations=3, tolerance=None)
    np.testing.assert_allclose(found.profile, expected.profile, atol=1e-14)
    assert found.status is pt.Status.MAX_ITERATIONS
    assert found.message == ""


@pytest.mark.parametrize(("step", "message"), [
    (lambda s, log, v: log + s.c * v.scale * v.advantage, "sums to"),
    (lambda s, log, v: jnp.full_like(log, -1e9),
     "sums to 0, not 1: [agent=0, information state=0] (iteration 0)"),
    (lambda s, log, v: jnp.zeros_like(log), "sums to 2, not 1"),
    (lambda s, log, v: jnp.where(v.mask, log, -20.0),
     "2.06e-09 of it on actions that do not exist"),
])
def test_rows_that_are_no_policy_end_the_run(congestion: Any, tmp_path: Path, step: Any,
                                             message: str) -> None:
    result = pt.solve(congestion, rule(step), initial="random", max_iterations=50)
    assert result.status is pt.Status.NOT_A_PROFILE
    assert result.message.startswith("Mine.update gave a row that sums to ")
    assert message in result.message
    assert message in repr(result)
    np.testing.assert_allclose(result.profile.sum(axis=-1), 1, atol=1e-9)
    pt.save(result, tmp_path / "run")
    assert pt.load(tmp_path / "run").message == result.message


def test_the_last_profile_is_kept_and_each_run_says_what_went_wrong(congestion: Any) -> None:
    def poisoned(self: Any, log_policy: Any, view: Any) -> Any:
        return jnp.where(view.v[0] > self.c, jnp.nan,
                         log_policy_of(log_policy + 0.5 * view.advantage, view))

    mine = dataclasses.replace(rule(poisoned), c=-1e9)
    result = pt.solve(congestion, mine, runs=2, max_iterations=9)
    assert result.status == (pt.Status.NONFINITE,) * 2
    assert result.message == ("Mine.update gave a row that sums to nan, not 1: [agent=0, "
                              "information state=0] (iteration 0)",) * 2
    np.testing.assert_allclose(result.profile.sum(axis=-1), 1)


@pytest.mark.parametrize(("step", "message"), [
    (lambda s, log, v: log[:, :1] * 0,
     r"Mine\.update returned log_policy as float64 \(10, 1\), but float64 \(10, 2\)"),
    (lambda s, log, v: log.astype(jnp.float32),
     r"Mine\.update returned log_policy as float32 \(10, 2\), but float64"),
    (lambda s, log, v: None,
     r"Mine\.update returned log_policy as None, but float64 \(10, 2\) was expected"),
    (lambda s, log, v: log + v.reward,
     "Mine.update failed: AttributeError: 'View' object has no attribute 'reward'"),
    (lambda s, log, v: log if v.q[0, 0] > 0 else -log,
     "Mine.update failed: TracerBoolConversionError: its"),
    (lambda s, log, v: log + v.q[:3],
     r"Mine\.update failed: TypeError: add got incompatible shapes"),
    (lambda s, log, v: np.asarray(log), r"Mine\.update failed: TracerArrayConversionError"),
])
@pytest.mark.parametrize("limit", [0, 50])
def test_what_breaks_the_contract_is_refused_before_the_first_iteration(
        congestion: Any, step: Any, message: str, limit: int) -> None:
    with pytest.raises(pt.InputError, match=message) as caught:
        pt.solve(congestion, rule(step), max_iterations=limit)
    assert "\n" not in str(caught.value)
    assert "failed" not in message or caught.value.__cause__ is not None


@pytest.mark.parametrize(("returned", "message"), [
    (lambda log, m: log,
     r"Mine\.update returned float64 \(1, 2\), but \(log_policy, memory\) was expected"),
    (lambda log, m: (log, {"n": m["n"]}),
     r"returned a memory of another structure than Mine\.init: arrays named n"),
    (lambda log, m: (log, {**m, "n": m["n"] + 0.5}),
     r"memory 'n' as float64 \(\), but Mine\.init gave int64 \(\)"),
    (lambda log, m: (log, {**m, "w": m["w"][:1]}),
     r"memory 'w' as float64 \(1,\), but Mine\.init gave float64 \(2,\)"),
])
def test_a_memory_stays_what_it_was(returned: Any, message: str) -> None:
    @FROZEN
    class Mine:
        def init(self, log_policy, mask, key):
            return {"n": 0, "w": jnp.zeros(2)}

        def update(self, log_policy, memory, view, iteration, key):
            return returned(log_policy, memory)

    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, Mine(), max_iterations=3)


def without(*names: str, **others: Any) -> Any:
    methods = {"init": lambda self, log_policy, mask, key: (),
               "update": lambda self, a, b, c, d, e: (a, b), **others}
    return FROZEN(type("Mine", (),
                       {name: each for name, each in methods.items() if name not in names}))()


@pytest.mark.parametrize(("mine", "message"), [
    (without("update"), "rule is a Mine, which is no rule: it has no `update`"),
    (without("init"), "rule is a Mine, which is no rule: it has no `init`"),
    (without("init", "update"), "it has no `init` and no `update`"),
    (without(init=lambda self, log_policy: ()),
     r"Mine\.init takes \(log_policy\), but it is called with \(log_policy, mask, key\)"),
    (without(update=lambda self, log_policy, memory, view: ()),
     r"Mine\.update takes \(log_policy, memory, view\), but"),
])
def test_a_rule_that_lacks_something_is_refused_by_name(mine: Any, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, mine)


@pytest.mark.parametrize("asked", [
    lambda view: 1.0 if view.advantage[0, 0] > 0 else 0.0,
    lambda view: float(view.advantage[0, 0]),
    lambda view: (1.0, 2.0)[view.q[0, 0].astype(int)],
    lambda view: np.log(view.q),
])
def test_asking_python_for_a_traced_value_says_what_to_do(asked: Any) -> None:
    mine = without(update=lambda self, log_policy, memory, view, iteration, key:
                   (log_policy + asked(view), memory))
    with pytest.raises(pt.InputError, match=r"arguments are traced, .* jnp\.where"):
        pt.solve(GAME, mine)


def test_what_an_object_of_a_users_class_raises_is_one_line() -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("no")

    with pytest.raises(pt.InputError, match="Broken failed: RuntimeError: no"):
        pt.solve(GAME, Broken())


def test_a_field_that_was_never_set_is_no_part_of_a_checkpoint(tmp_path: Path) -> None:
    @dataclasses.dataclass
    class Later:
        unset: Any = dataclasses.field(init=False)

        def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
            return ()

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any,
                   key: Any) -> tuple:
            return log_policy, memory

    for _ in range(2):
        result = pt.solve(GAME, Later(), checkpoint=tmp_path / "ck", resume=True,
                          max_iterations=3, tolerance=None)
    assert result.iterations == 3


class Counted(NamedTuple):
    times: int
    total: Any


@dataclasses.dataclass
class Noted:
    counted: Counted
    name: str = "noted"


@pt.rules.rule
class Scheduled:
    """A rule with all that fields may be: a nested schedule, a shape, a function, a marked
    number."""

    schedule: Any
    width: int = 3
    shape: Callable[[Any], Any] = jnp.tanh
    times: int = pt.rules.traced(default=1)
    fixed: float = pt.rules.static(default=0.5)
    made: Any = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "made", np.ones(self.width))

    def init(self, log_policy: Any, mask: Any, key: Any) -> Any:
        return Noted(Counted(0, jnp.zeros(self.width))), [{"key": key}]

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> Any:
        noted, (kept,) = memory
        assert isinstance(noted, Noted)
        step = (self.schedule(noted.counted.times) * self.fixed * self.times * self.made.sum()
                / self.width)
        noted = Noted(Counted(noted.counted.times + 1, noted.counted.total + jnp.ones(self.width)))
        return log_policy_of(log_policy + self.shape(step) * view.advantage, view), (noted, [kept])


@dataclasses.dataclass
class Decay:
    rate: float = 1.0

    def __call__(self, count: Any) -> Any:
        return self.rate / (1 + count)


def test_nested_fields_and_memories_work_and_are_read_anew_at_each_solve() -> None:
    decay = Decay()
    settings = {"initial": START, "max_iterations": 3, "tolerance": None}
    found = pt.solve(GAME, Scheduled(decay), **settings).profile
    expected = START
    for count in range(3):
        step = np.tanh(0.5 / (1 + count)) / 2                  # the game's scale is 2
        expected = pt.solve(GAME, pt.rules.INPG(step_size=step), initial=expected,
                            max_iterations=1).profile
    np.testing.assert_allclose(found, expected, atol=1e-12)
    decay.rate = 0.0                                       # changed in place, between two solves
    assert (pt.solve(GAME, Scheduled(decay), **settings).profile == START).all()


def test_a_memory_of_own_classes_goes_through_a_checkpoint_by_name(tmp_path: Path) -> None:
    settings = {"initial": START, "tolerance": None, "checkpoint": tmp_path / "ck"}
    whole = pt.solve(GAME, Scheduled(Decay()), initial=START, tolerance=None, max_iterations=9)
    pt.solve(GAME, Scheduled(Decay()), max_iterations=4, **settings)
    resumed = pt.solve(GAME, Scheduled(Decay()), max_iterations=9, resume=True, **settings)
    assert (resumed.profile == whole.profile).all()
    state, = (tmp_path / "ck").glob("state-*.npz")
    with np.load(state) as archive:
        assert {name for name in archive.files if "memory" in name} == {
            f".memory['[0].counted.{name}']"
            for name in ("times", "total")} | {".memory['[1][0].key']"}


@pytest.mark.parametrize(("value", "message"), [
    (np.ones(2), r"rule Scheduled\.fixed is an array, but its field is static"),
    ({1}, r"rule Scheduled\.fixed is \{1\}, a set, which cannot be part of a program since it may "
          r"change"),
])
def test_a_static_field_that_may_change_is_refused_by_name(value: Any, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, Scheduled(Decay(), fixed=value))


@pytest.mark.parametrize(("one", "other"), [
    (1, True), (0, 0.0), (0.0, -0.0), ("a", b"a"), ((1,), [1]), ((1,), (1.0,)),
    ({"a": 1}, {"b": 1}), (len, max),
    (np.int64(1), 1), (None, ()),
])
def test_tokens_tell_values_apart(one: Any, other: Any) -> None:
    tokens = [packed(value, "it", "static")[1] for value in (one, other, one)]
    assert tokens[0] == tokens[2]
    assert hash(tokens[0]) == hash(tokens[2])
    assert tokens[0] != tokens[1]


def test_thirty_redefinitions_learn_as_themselves_and_take_no_room() -> None:
    """Plain and registered with JAX, schedule and memory included; in a process of its own, whose
    memory is its own."""
    run = subprocess.run([sys.executable, Path(__file__).with_name("redefined.py"), "30"],
                         capture_output=True,
                         text=True, check=True)
    wrong, megabytes = run.stdout.split()
    assert int(wrong) == 0
    assert float(megabytes) < 20


GLOBAL_STEP = 0.1


def test_what_a_rule_reads_from_outside_is_read_again() -> None:
    """A compiled program has read a global once; a solve after it has changed needs another."""
    @pt.rules.rule
    class Reader:
        def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
            return ()

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any,
                   key: Any) -> tuple:
            moved = log_policy + GLOBAL_STEP * view.scale * view.advantage
            return jax.nn.log_softmax(jnp.where(view.mask, moved, -jnp.inf)), memory

    game = pt.games.make("two-link-congestion")
    start = game.initial_profile("random", 1)
    for step in (0.1, 0.7, 0.1):
        globals()["GLOBAL_STEP"] = step
        mine, theirs = (pt.solve(game, rule, initial=start, max_iterations=1, tolerance=None)
                        for rule in (Reader(), pt.rules.INPG(step_size=step)))
        np.testing.assert_allclose(mine.profile, theirs.profile, rtol=1e-12)


class Fixed:
    """Gives the same rows whatever it sees."""

    def __init__(self, rows: Any):
        self.rows = np.asarray(rows, dtype=np.float64)

    def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
        return ()

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> tuple:
        return jnp.log(jnp.where(jnp.sum(view.mask) == 2, self.rows[0], self.rows[1]))[None], memory


def test_rows_off_by_the_allowance_are_made_exact_before_they_are_judged() -> None:
    """Both profiles once were called converged, and then refused or given a gap by certify."""
    rewards = np.array([[[1.0, 0.0], [2.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]])[:, None]
    mask = np.ones((2, 1, 2), bool)
    mask[1, 0, 1] = False
    game = pt.MarkovGame.from_arrays(rewards, np.zeros((1, 2, 2), int), discount=0.0, mask=mask)
    result = pt.solve(game, Fixed([[0, 1], [1, 5e-10]]), max_iterations=5, check_every=1)
    assert result.status is pt.Status.CONVERGED
    assert pt.certify(game, result).nash_gap <= 1e-8
    large = np.array([[[1.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]])[:, None] * 1e3
    game = pt.MarkovGame.from_arrays(large, np.zeros((1, 2, 2), int), discount=0.0)
    result = pt.solve(game, Fixed([[1, 9e-10], [1, 0]]), max_iterations=3, check_every=1)
    assert pt.certify(game, result).nash_gap_lower > 8e-7
    assert result.status is not pt.Status.CONVERGED
