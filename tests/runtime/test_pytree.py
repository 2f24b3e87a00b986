"""Classes that JAX carries."""

import itertools

import jax
import jax.numpy as jnp

import potentia as pt
from potentia.runtime.pytree import static, tree
from registered_rules import made

RULES = [made(name, 1e-3) for name in pt.rules.names()]


@tree
class Shape:
    """One array, one name."""

    array: jax.Array
    name: str = static(default="square")


def family(count: int) -> list[type]:
    """Classes alike in all but what `tag` says."""

    def tagged(k: int) -> type:
        return tree(type(f"Tagged{k}", (),
                         {"__annotations__": {"x": float}, "tag": lambda self: jnp.asarray(k)}))

    return [tagged(k) for k in range(count)]


def test_no_two_rules_have_the_same_tree():
    for one, other in itertools.combinations(RULES, 2):
        assert jax.tree.structure(one) != jax.tree.structure(other), (one, other)


def test_a_compiled_function_never_answers_for_another_class():
    tag = jax.jit(lambda node: node.tag())
    classes = family(300)                        # a collision in JAX's cache needs some hundreds
    assert [int(tag(cls(1.0))) for cls in classes] == list(range(300))


def test_leaves_are_data_and_static_fields_are_shape():
    leaves, structure = jax.tree.flatten(Shape(jnp.ones(2), "round"))
    assert len(leaves) == 1
    assert jax.tree.unflatten(structure, [3.0]).array == 3.0
    assert jax.tree.unflatten(structure, [3.0]).name == "round"
    assert structure != jax.tree.structure(Shape(jnp.ones(2), "square"))
    assert structure == jax.tree.structure(Shape(jnp.zeros(5), "round"))


def test_leaves_know_their_names():
    [(path, _)] = jax.tree_util.tree_leaves_with_path(Shape(jnp.ones(2)))
    assert jax.tree_util.keystr(path) == ".array"


def test_a_rule_is_told_as_it_would_be_written() -> None:
    rule = pt.rules.SmoothedBestResponse(step_size=1, temperature=0.25)
    assert repr(rule) == "SmoothedBestResponse(step_size=1.0, temperature=0.25)"
    assert repr(eval(f"pt.rules.{rule!r}")) == repr(rule)
