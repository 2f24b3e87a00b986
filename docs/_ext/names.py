"""A page for each package of public names, and one for the names of `potentia` itself."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from docstrings import markdown

import potentia

# Packages whose names all lie in files of theirs, and are loaded when they are asked for.
LAZY = {"io", "learners", "oracles", "plot", "rules", "schedules", "simulators"}
TITLE = ["# Public names", "",
         "Everything that `import potentia as pt` gives, with what its docstrings say.", "",
         "```{toctree}", ":maxdepth: 1", ""]


def pages() -> Iterator[tuple[str, str]]:
    """Path relative to the folder of the reference, and text, of every page."""
    here = {name: thing for name in potentia.__all__
            if not isinstance(thing := getattr(potentia, name), ModuleType)}
    known = registered()
    yield "api/potentia.md", _page("potentia", "The names of `import potentia as pt`.", here, known)
    found = modules()
    for name, module in found.items():
        yield f"api/{name}.md", _page(f"potentia.{name}", markdown(_doc(module)), public(module),
                                      known)
    yield "api/index.md", "\n".join([*TITLE, "potentia", *found, "paper", "```", ""])


def modules() -> dict[str, ModuleType]:
    """Public packages and modules, by their name within `potentia`: each bridge is one."""
    found = {name: module for name in potentia.__all__
             if isinstance(module := getattr(potentia, name), ModuleType)}
    bridges = found.pop("bridges")
    return found | {f"bridges.{name}": getattr(bridges, name) for name in dir(bridges)}


def registered() -> dict[int, str]:
    """Id of each registered class -> the public name that its own page declares."""
    packages = (potentia.rules, potentia.oracles, potentia.schedules)
    return {id(getattr(package, cls)): f"{package.__name__}.{cls}"
            for package in packages for cls in package.REGISTRY.classes}


def public(module: ModuleType) -> dict[str, Any]:
    """The public names of a module: what it lists, or what it defines itself."""
    if hasattr(module, "__all__"):
        return {name: getattr(module, name) for name in module.__all__}
    lazy = module.__name__.removeprefix("potentia.") in LAZY
    return {name: thing for name in dir(module) if not name.startswith("_")
            and (lazy or getattr(getattr(module, name), "__module__", "") == module.__name__)
            and (thing := getattr(module, name)) is not None}


def _page(title: str, about: str, found: Mapping[str, Any], known: dict[int, str]) -> str:
    """known: of each thing that has an entry the name that it stands under; grows."""
    own = {id(thing): f"{title}.{thing.__name__}" for thing in found.values() if callable(thing)}
    lines = [f"# {title}", "", about, ""]
    for name, thing in found.items():
        full = f"{title}.{name}"
        if not callable(thing):
            lines += entry(full, thing)
        elif known.setdefault(id(thing), own[id(thing)]) != full:
            lines += [f":::{{py:{_kind(thing)}}} {full}", f"Another name of {_role(thing, known)}.",
                      ":::", ""]
        elif full in registered().values():
            lines += [f"- {_role(thing, known)}", ""]
        else:
            lines += entry(full, thing)
    return "\n".join(lines)


def _kind(thing: Any) -> str:
    return "class" if isinstance(thing, type) else "function"


def _role(thing: Any, known: Mapping[int, str]) -> str:
    """A link to its entry."""
    role = "class" if isinstance(thing, type) else "func"
    return f"{{py:{role}}}`{known[id(thing)]}`"


def entry(full: str, thing: Any) -> list[str]:
    """The description of a function, of a class and its members, or of what is neither."""
    if not callable(thing):
        return [f":::{{py:data}} {full}", f"Its value is {_value(thing)}.", ":::", ""]
    if not isinstance(thing, type):
        return [f":::{{py:function}} {full}{signature(thing)}", markdown(_doc(thing)), ":::", ""]
    lines = [f"::::{{py:class}} {full}{'' if issubclass(thing, enum.Enum) else signature(thing)}",
             markdown(_doc(thing)), ""]
    for name, member in members(thing).items():
        kind, call = ("property", "") if isinstance(member, property) else (
            "method", signature(member))
        lines += [f":::{{py:{kind}}} {name}{call}", markdown(_doc(member)), ":::", ""]
    return [*lines, "::::", ""]


def members(cls: type) -> dict[str, Any]:
    """Methods and properties that our own classes define, and say something of, by name."""
    found: dict[str, Any] = {}
    for base in reversed([base for base in cls.__mro__ if base.__module__.startswith("potentia")]):
        found |= {name: _unwrapped(thing) for name, thing in vars(base).items()
                  if not name.startswith("_")}
    return {name: found[name] for name in sorted(found)
            if (inspect.isroutine(found[name]) or isinstance(found[name], property))
            and _doc(found[name])}


def _unwrapped(thing: Any) -> Any:
    """The function behind a class method, a static one or one that JAX compiles."""
    thing = getattr(thing, "__func__", thing)
    return inspect.unwrap(thing) if callable(thing) else thing


def signature(thing: Any) -> str:
    """Parameters with their defaults, without annotations and without `self`."""
    try:
        known = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return "()"
    plain = [one.replace(annotation=one.empty, default=_default(one.default))
             for one in known if one.name not in ("self", "cls")]
    return str(inspect.Signature(plain))


def _value(thing: Any) -> str:
    text = repr(thing)
    return f"`{text}`" if len(text) <= 200 else f"a {type(thing).__name__}"


class _Shown:
    """A default whose text stands for it."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _default(value: Any) -> Any:
    """A default as a signature shows it: objects without a short text as dots."""
    if value is inspect.Parameter.empty or value is None:
        return value
    text = repr(value)
    return _Shown("..." if "<" in text or len(text) > 40 else text)


def _doc(thing: Any) -> str:
    return inspect.getdoc(thing) or ""
