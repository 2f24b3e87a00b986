"""The pages of rules and schedules, and of named games, as Markdown, from what their docstrings
say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from potentia.catalogue import Entry, Kind, Parameter

# Where a docstring begins to tell of parameters: at a line, or after a sentence.
TOLD = re.compile(r"(?:^|(?<=\. ))(\w+(?:, \w+)*): ", re.MULTILINE)

RULES = """# Learning rules

Written by `potentia rules --page docs/rules.md`, never by hand: what the docstrings say. Symbols are those of the
[glossary](glossary.md): pi_i is agent i's policy, theta_i its logits, eta the step size, Q_i, V_i and A_i its own action
values, values and advantages, d the visitation, gamma the discount. A guarantee is the source's, under its own hypotheses;
`pt.theory.report` says which of them a game meets.
"""  # noqa: E501
SCHEDULES = """# Schedules

Who moves when: `pt.solve(schedule=...)`, `potentia solve --schedule NAME`. Who waits keeps policy
and memory.
"""
GAMES = """# Named games

Written by `potentia games --page docs/games.md`, never by hand: what the docstrings say, and what `pt.potential.classify`
says of each game at small parameters. PROVEN: it is a Markov potential game (or one with the policies named). REFUTED: it is
none, whatever the source calls it; alpha bounds how far from one. The verdict is about these parameters only.
"""  # noqa: E501


def rules_page(entries: Sequence[Entry], schedules: Sequence[Entry]) -> str:
    """The page of all rules and schedules."""
    return "\n".join([RULES, *_overview("rule", entries), "", *map(described, entries),
                      SCHEDULES, *_overview("schedule", schedules), "",
                      *map(described, schedules)])


def _overview(kind: str, entries: Sequence[Entry]) -> list[str]:
    """The lines of a table of classes."""
    return [f"| {kind} | class | what it is | source |", "| --- | --- | --- | --- |",
            *(_row(_link(entry), f"`{entry.cls}`", entry.line, entry.source or "our own")
              for entry in entries)]


def games_page(entries: Sequence[Entry], kinds: Mapping[str, Sequence[Kind]]) -> str:
    """The page of all named games; `kinds` by name."""
    rows = (_row(_link(entry), entry.line, entry.source or "our own",
                 "; ".join(map(_verdict, kinds[entry.name]))) for entry in entries)
    overview = ["| game | what it is | source | potential game? |", "| --- | --- | --- | --- |",
                *rows]
    return "\n".join([GAMES, *overview, "",
                      *(described(entry) + classified(kinds[entry.name]) for entry in entries)])


def described(entry: Entry) -> str:
    """The section of one rule or game: parameters, docstring, source."""
    names = {parameter.name for parameter in entry.parameters}
    head, *rest = re.split(r"\n{2,}", entry.text)
    about = [text for text in rest if _is_about(text, names)]
    lines = [f"## {entry.name}", "", " ".join(head.split()), "",
             *_parameters(entry.parameters, _told("\n".join(about), names))]
    lines += ["", *([f"Gives a {entry.gives}.", ""] if entry.gives else [])]
    for paragraph in rest:
        if paragraph not in about:
            lines += [*_paragraph(paragraph), ""]
    if "Source: " not in entry.text:
        lines += [f"Source: {entry.source or 'our own'}", ""]
    return "\n".join(lines)


def classified(kinds: Sequence[Kind]) -> str:
    """What a game's section says of its kind."""
    return "\n".join(["", "Potential game?", "", *(f"- {kind}" for kind in kinds), ""])


def _is_about(text: str, names: Set[str]) -> bool:
    """Whether a paragraph says what parameters are."""
    first = TOLD.match(text)
    return first is not None and names >= set(first[1].split(", "))


def _told(text: str, names: Set[str]) -> dict[tuple[str, ...], str]:
    """What paragraphs say of each parameter, or of several together."""
    found = [match for match in TOLD.finditer(text) if names >= set(match[1].split(", "))]
    starts = [*(match.start() for match in found), len(text)]
    return {tuple(match[1].split(", ")): " ".join(text[match.end():end].split())
            for match, end in zip(found, starts[1:], strict=True)}


def _parameters(parameters: Sequence[Parameter],
                told: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    """A list of parameters, each once: what it is, and if omitted; and what is said of it."""
    usual = {one.name: str(one).partition(": ")[2] for one in parameters}
    group = {name: names for names in told for name in names}
    for names in dict.fromkeys(group.get(name, (name,)) for name in usual):
        if names not in told:
            yield f"- `{names[0]}`: {usual[names[0]]}"
            continue
        yield f"- {', '.join(f'`{name}` ({usual[name]})' for name in names)}: {told[names]}"


def _paragraph(text: str) -> Iterator[str]:
    """A formula as a block, any other on one line."""
    if text.startswith("    "):
        yield from ("```text", *(line.removeprefix("    ") for line in text.splitlines()), "```")
    else:
        guarantee = re.sub(r"\s+Guarantee(?=[:,])", "\n\nGuarantee", text)
        yield from ("\n\n".join(" ".join(part.split()) for part in guarantee.split("\n\n")),)


def _verdict(kind: Kind) -> str:
    at = ", ".join(f"{name}={value}" for name, value in kind.parameters.items())
    return f"{kind.verdict} at {at}" if at else kind.verdict


def _link(entry: Entry) -> str:
    return f"[`{entry.name}`](#{entry.name})"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
