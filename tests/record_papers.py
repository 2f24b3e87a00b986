"""Put papers on record, after a claim was added or changed:

    python tests/record_papers.py PAPER ...

Runs these papers alone, with the runs and the seed of the record, and writes
`src/potentia/experiments/record.json`, `docs/claims.json` and `docs/claims.md`, and with a paper
that has lemmas `docs/lemmas.json`, all of this checkout. What they hold of other papers stays as it
is. Says what differs from the record before. `test_record_papers.py` holds the files to this form.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from potentia.errors import InputError, known_name
from potentia.experiments import lemmas, record, runner
from potentia.experiments.papers import REGISTRY
from potentia.io.atomic import write_text
from potentia.report.lemmas import markdown

ROOT = Path(__file__).resolve().parents[1]
RECORD, DOCS = Path("src/potentia/experiments/record.json"), Path("docs")
Entries = list[dict[str, Any]]


def put_on_record(names: Sequence[str], root: Path = ROOT) -> list[record.Difference]:
    """Run whole papers and write the files under `root`; what differs from the record before.

    Raises InputError for an unknown paper, before anything is run or written.
    """
    for name in names:
        known_name(name, REGISTRY, "paper")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        runner.reproduce(names, out, runs=record.RUNS, seed=record.SEED)
        new = _entries(out / "claims.json")
        checked = _entries(out / "lemmas.json") or _entries(root / DOCS / "lemmas.json")
    before = json.loads((root / RECORD).read_text())
    claims = merged(_entries(root / DOCS / "claims.json"), new, names)
    for path, text in texts(claims, checked).items():
        write_text(root / path, text)
    return record.differences([*new, *checked], before)


def merged(before: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]],
           names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The entries of claims with those of the papers `names` replaced, paper by paper as they are
    registered."""
    order = list(REGISTRY)
    kept = [one for one in before if one["paper_name"] in order and one["paper_name"] not in names]
    return sorted([*kept, *new], key=lambda one: order.index(one["paper_name"]))


def texts(claims: Sequence[Mapping[str, Any]],
          checked: Sequence[Mapping[str, Any]]) -> dict[Path, str]:
    """What each file holds, from the entries of claims and those of lemmas and corrections."""
    known = record.recorded([*claims, *checked])
    titles = {name: case.title for name, case in lemmas.CASES.items()}
    page = runner.page([dict(one) for one in claims], record.RUNS, record.SEED,
                       markdown([dict(one) for one in checked], titles, record.SEED), known)
    return {RECORD: one_a_line(known), DOCS / "claims.md": page,
            DOCS / "claims.json": json.dumps(claims, indent=1) + "\n",
            DOCS / "lemmas.json": json.dumps(checked, indent=1) + "\n"}


def one_a_line(known: Mapping[str, Any]) -> str:
    """The record as JSON, one claim a line."""
    lines = (f" {json.dumps(claim)}: {json.dumps(found)}" for claim, found in known.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _entries(path: Path) -> Entries:
    return json.loads(path.read_text()) if path.exists() else []


if __name__ == "__main__":
    try:
        changed = put_on_record(sys.argv[1:] or sys.exit(__doc__))
    except InputError as error:
        print(f"record_papers: error: {error}", file=sys.stderr)
        sys.exit(2)
    print(*(changed or ["Nothing differs from the record before."]), sep="\n")
