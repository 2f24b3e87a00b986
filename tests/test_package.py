"""The package as a whole: what is installed, its pins, its README, its registries."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import potentia
from pages import PAGES, blocks, section
from potentia import games, oracles, rules, schedules

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "potentia"
INSTALLED = Path(potentia.__file__).parent
PACKAGES = ("equilibria", "games", "oracles", "potential", "rules", "schedules",
            "theory", "welfare")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

def python_files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*.py")}


def test_everything_is_installed() -> None:
    assert python_files(INSTALLED) == python_files(SOURCE)


def test_the_installed_package_is_this_one() -> None:
    stale = [file for file in python_files(SOURCE)
             if (INSTALLED / file).read_text() != (SOURCE / file).read_text()]
    assert stale == [], "install the package again"


@pytest.mark.parametrize("name", potentia.__all__)
def test_public_names_resolve(name: str) -> None:
    assert getattr(potentia, name) is not None
    assert name in dir(potentia)
    assert name in PACKAGES or not (SOURCE / f"{name}.py").exists(), \
        "a submodule named like a public function would shadow it"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'potentia' has no attribute 'slove'"):
        _ = potentia.slove


def test_citation_and_metadata_say_what_is_cited() -> None:
    citation = (ROOT / "CITATION.cff").read_text()
    assert citation.startswith("cff-version: 1.2.0\n")
    assert f"\nversion: {PROJECT['version']}\n" in citation
    assert '"arXiv:2110.10614"' in citation
    assert PROJECT["urls"]["Paper"].endswith("2110.10614")
    assert all(lines in (ROOT / "SECURITY.md").read_text()
               for lines in ("No pickle", "No code from files", "No network"))


def test_one_version() -> None:
    assert potentia.__version__ == PROJECT["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(("package", "folder", "others"), [
    (games, "games/zoo", set()),
    (rules, "rules", {"base", "features"}),
    (oracles, "oracles", {"base", "published", "joint_draws", "flat_index", "playing",
                          "visits"}),
    (schedules, "schedules", {"base"}),
])
def test_registries_match_the_files(package: ModuleType, folder: str, others: set[str]) -> None:
    files = {file.stem for file in (SOURCE / folder).glob("*.py")} - {"__init__"}
    where = f"REGISTRY in {face(package)}"
    forgotten = sorted(files - others - package.REGISTRY.files)
    assert forgotten == [], f"add {forgotten} to {where}"
    assert package.REGISTRY.files - files == set(), \
        f"no such file in src/potentia/{folder}: take its line from {where}"
    assert others <= files


def face(package: ModuleType) -> str:
    """Where a package's registry stands, from the root of a checkout."""
    return "/".join(["src", *package.__name__.split("."), "__init__.py"])


@pytest.mark.parametrize("package", [rules, oracles, schedules])
def test_every_registered_class_is_imported_for_type_checkers_too(package: ModuleType) -> None:
    text = Path(str(package.__file__)).read_text().partition("REGISTRY = ")[0]
    wanted = [f"from {package.REGISTRY.package}.{entry.replace(':', ' import ')} as {cls}"
              for entry in package.REGISTRY.values() if (cls := entry.partition(":")[2])
              and not re.search(rf" as {cls}[,\n]", text)]
    assert wanted == [], f"add these lines under TYPE_CHECKING in {face(package)}"


def classes_of_games(*members: str) -> set[str]:
    """What has these members of the classes that evaluate themselves in a package of `games`."""
    named = [file.parent.name for file in (SOURCE / "games").glob("*/game.py")]
    modules = [importlib.import_module(f"potentia.games.{name}.game") for name in named]
    return {cls.__name__ for module in modules for cls in vars(module).values()
            if isinstance(cls, type) and cls.__module__ == module.__name__
            and {"evaluate", *members} <= {*dir(cls), *cls.__annotations__}}


def held_for_checkers(package: ModuleType, name: str) -> set[str]:
    """What stands in the tuple `name` of a package, which exists for type checkers alone."""
    tree = ast.parse(Path(str(package.__file__)).read_text())
    (value,) = (node.value for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name) and node.target.id == name)
    assert isinstance(value, ast.Tuple)
    return {ast.unparse(element) for element in value.elts}


@pytest.mark.parametrize(("package", "name", "classes"), [
    (rules, "_RULES", set(rules.REGISTRY.classes)),
    (oracles, "_ORACLES", set(oracles.REGISTRY.classes)),
    (schedules, "_SCHEDULES", set(schedules.REGISTRY.classes)),
    (potentia, "_GAMES", classes_of_games()),
    (potentia, "_SAMPLED_GAMES", classes_of_games("simulate", "n_states")),
])
def test_type_checkers_hold_every_class_against_its_interface(
        package: ModuleType, name: str, classes: set[str]) -> None:
    held, where = held_for_checkers(package, name), f"{name} under TYPE_CHECKING in {face(package)}"
    assert classes - held == set(), f"add these to {where}"
    assert held - classes == set(), f"take these from {where}, or register them"


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines)


def test_pins_are_plain() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][0-9A-Za-z.]*", line), line


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    from packaging.requirements import Requirement
    known = {re.sub("[-_.]+", "-", name).lower(): version for name, version in pins().items()}
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(known[requirement.name.lower()]), text


def test_readme_has_two_commands() -> None:
    first, second = re.findall(r"^python3 .*$", section("README.md", "Two commands"), re.MULTILINE)
    assert first.endswith("potentia reproduce all --out out")
    assert second.endswith("pytest -n 2")
    for line in (first, second):
        assert "-c constraints.txt" in line
        assert line.startswith("python3 -m venv .venv && ")


def test_ci_runs_the_second_command() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "README.md" in script
    assert not re.search("pytest|venv|pip install", script), "the command stands in README.md alone"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_readme_is_short() -> None:
    assert len(PAGES["README.md"].splitlines()) < 120
    first, *others = blocks("README.md", "python")
    assert len(first.splitlines()) < 15
    assert len(others) == 2


def text_files() -> list[Path]:
    """What is written by hand: everything at the top and in the project's own folders."""
    folders = [ROOT / name for name in ("src", "tests", "docs", "benchmarks", "examples", ".ci")]
    files = [*ROOT.iterdir(), *(file for folder in folders for file in folder.rglob("*"))]
    suffixes = {".py", ".md", ".toml", ".txt", ".json", ".csv", ".yml", ".rst", ".ipynb",
                ""}
    return [file for file in files if file.is_file() and file.suffix in suffixes
            and file.name != ".git"]


# Spelled in pieces, so that this file does not name them either.
FOLDERS = "|".join(("ho" "me", "ro" "ot", "wo" "rk", "t" "mp", "Us" "ers"))
MACHINE = re.compile("|".join([rf"(?<![\w.:])/(?:{FOLDERS})/", "py" r"pi\.", "python" "hosted",
                               "index" "-url",
                               "find" "-links"]))


def test_no_file_names_a_machine_or_an_index() -> None:
    named = [f"{file.relative_to(ROOT)}:{number}: {line}" for file in text_files()
             for number, line in enumerate(file.read_text().splitlines(), 1)
             if MACHINE.search(line)]
    assert named == []
