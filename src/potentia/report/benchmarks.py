"""The page of benchmarks, as Markdown, from what `benchmarks.json` holds; and the same for a
terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from potentia.report.terminal import show_table

Found = Mapping[str, Any]

PREFACE = """Written by `potentia bench --out DIR`, never by hand. Times are the least of several, taken in turns with what they are
held against, in one process. "to" reads as a ratio: "A to B" is A's time by B's.
"""  # noqa: E501


def markdown(found: Found) -> str:
    """The page: the machine, every figure that has a limit, then each benchmark with its times."""
    limited = [figure for _, figure in _figures(found) if figure["limit"]]
    parts = [f"# Benchmarks, measured on {_device(found)}", "", PREFACE, *_machine(found),
             "## Against limits", "", *_table(limited)]
    for name, benchmark in found["benchmarks"].items():
        earlier = benchmark.get("date", found["date"]) != found["date"]
        told = [f"Measured {benchmark['date']}.", ""] if earlier else []
        parts += [f"## {name}", "", benchmark["about"], "", *told, *_table(benchmark["figures"])]
    return "\n".join(parts)


def show_benchmarks(found: Found) -> None:
    """A table of every figure, and below it why some were not measured."""
    show_table(("benchmark", "what", "measured", "limit", "holds"),
               ((name, figure["what"], *_judged(figure)) for name, figure in _figures(found)))
    absent = {(name, figure["note"]): None for name, figure in _figures(found)
              if figure["value"] is None}
    for name, why in absent:
        print(f"{name}: {why}")


def _figures(found: Found) -> Iterator[tuple[str, Found]]:
    for name, benchmark in found["benchmarks"].items():
        yield from ((name, figure) for figure in benchmark["figures"])


def _device(found: Found) -> str:
    """What computed: an accelerator by its name, a processor with its cores."""
    machine = found["machine"]
    if machine["backend"] != "cpu":
        return ", ".join(dict.fromkeys(machine["devices"]))
    return f"{machine['processor']}, {machine['cores']} cores"


def _machine(found: Found) -> list[str]:
    machine = found["machine"]
    versions = ", ".join(f"{name} {version or '(absent)'}"
                         for name, version in machine["versions"].items())
    lines = [f"- {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
             f"{machine['system']}",
             f"- computing on {', '.join(machine['devices'])} ({machine['backend']})",
             f"- Python {machine['python']}, {versions}",
             f"- measured {found['date']}, at a load of {machine['load']} by other work when it "
             f"began"]
    return [*lines, *([] if found["complete"] else ["- **interrupted**: what follows is not all"]),
            ""]


def _table(figures: Sequence[Found]) -> list[str]:
    rows = [[figure["what"], *_judged(figure), _times(figure["seconds"]), figure["note"]]
            for figure in figures]
    return [*map(_line, [["figure", "measured", "limit", "holds", "times", "note"], ["---"] * 6,
                         *rows]), ""]


def _times(seconds: Mapping[str, float]) -> str:
    return "; ".join(f"{name}: {_time(taken)}" for name, taken in seconds.items())


def _time(seconds: float) -> str:
    """Three digits, in the unit that suits."""
    for unit, length in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= length:
            return f"{_number(seconds / length, unit)}"
    return _number(seconds / 1e-6, "us")


def _judged(figure: Found) -> tuple[str, str, str]:
    """Measured, limit, holds: in words."""
    limit = figure["limit"]
    return (_number(figure["value"], figure["unit"]), f"{limit['sense']} {limit['value']:,g}"
            if limit else "-",
            {True: "yes", False: "NO", None: "-"}[figure["holds"]])


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "not measured"
    return f"{value:,.0f} {unit}".strip() if value >= 1000 else f"{value:.3g} {unit}".strip()


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
