"""A page for each registered rule, game, oracle and schedule, from its docstring."""

from __future__ import annotations

import re
from collections.abc import Iterator

import formulas

from potentia import catalogue, games, oracles, rules, schedules
from potentia.catalogue import Entry
from potentia.report.catalogue import described

PACKAGES = {"rule": rules, "game": games, "oracle": oracles, "schedule": schedules}
WHAT = {"rule": "A rule says how one agent learns from its own data: `pt.solve(game, rule)`.",
        "game": "A named game: `pt.games.make(NAME)`, or by its name on the command line.",
        "oracle": "An oracle says what agents are told of a profile: `pt.solve(game, rule, oracle)`"
                  ".",
        "schedule": "A schedule says who moves when: `pt.solve(game, rule, schedule=...)`."}
# What calls a page's thing by its name.
CALLS = {"rule": "potentia solve GAME --rule {name}", "game": "potentia certify {name}",
         "oracle": "potentia solve GAME --oracle {name}",
         "schedule": "potentia solve GAME --schedule {name}"}
FORMULA = re.compile(r"^```text\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def pages() -> Iterator[tuple[str, str]]:
    """Path relative to the folder of the reference, and text, of every page."""
    for kind, package in PACKAGES.items():
        entries = [getattr(catalogue, kind)(name) for name in package.names()]
        yield f"{kind}s/index.md", _index(kind, entries)
        for entry in entries:
            yield f"{kind}s/{entry.name}.md", page(kind, entry)


def page(kind: str, entry: Entry) -> str:
    """The page of one registered thing."""
    text = FORMULA.sub(lambda match: "\n".join(formulas.block(match[1])), described(entry))
    title, _, rest = text.removeprefix("## ").partition("\n")
    return "\n".join([f"# {title}", "", *_declared(kind, entry, rest), "",
                      "```text", CALLS[kind].format(name=entry.name), "```", "",
                      *([f"Is it a potential game? See [all games](../../games.md#{entry.name})."]
                        if kind == "game" else []), ""])


def _declared(kind: str, entry: Entry, text: str) -> list[str]:
    """The text, of a class under its public name."""
    if kind == "game":
        arguments = ", ".join([f'"{entry.name}"', *(_argument(one) for one in entry.parameters)])
        return [f"`pt.games.make({arguments})`", "", text]
    name = entry.cls.replace("pt.", "potentia.")
    signature = ", ".join(map(_argument, entry.parameters))
    return [f"::::{{py:class}} {name}({signature})", text, "::::"]


def _argument(parameter: catalogue.Parameter) -> str:
    if parameter.default is None:
        return parameter.name
    return f"{parameter.name}={parameter.default or None}"


def _index(kind: str, entries: list[Entry]) -> str:
    rows = (f"| [{entry.name}]({entry.name}.md) | {entry.line} |" for entry in entries)
    return "\n".join([f"# {kind.capitalize()}s", "", WHAT[kind], "", f"| {kind} | what it is |",
                      "| --- | --- |", *rows, "", "```{toctree}", ":hidden:", "",
                      *(entry.name for entry in entries), "```", ""])
