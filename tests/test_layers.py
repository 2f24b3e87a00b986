"""The house: imports run one way, file by file, and certificates owe nothing to what they judge.

`LAYERS` goes from the ground up. A file may import from its own layer and those below; a layer that
is a package is also one room whose files import each other without a cycle.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "potentia"
FILES = {".".join(file.relative_to(SOURCE).with_suffix("").parts): file
         for file in sorted(SOURCE.rglob("*.py"))}
MODULES = {name.removesuffix(".__init__"): file for name, file in FILES.items()}
LAYERS = (  # names of modules relative to the package; the longest that fits counts
    {"errors"},
    {"console", "runtime"},
    {"names", "policies", "profile", "answers", "capabilities", "game", "registry"},
    {"result"},
    {"games"},
    {"games.zoo"},
    {"oracles", "rules", "learners", "simulators", "io", "learning.checkpoint.fingerprint"},
    {"schedules"},
    {"certificates"},
    {"learning", "training"},
    {"equilibria", "potential"},
    {"theory"},
    {"welfare", "catalogue"},
    {"analysis"},
    {"ranking", "report", "sweeps", "bridges"},
    {"plot"},
    {"pages"},
    {"experiments", "bench"},
    {"cli", "__main__"},
)
LAYER = {name: height for height, layer in enumerate(LAYERS) for name in layer}
JUDGES = "certificates", "potential", "equilibria"
LEARNERS = "learning", "oracles", "rules", "schedules"
# Pairs that the layers would allow, but that must not know each other.
STRANGERS = {*((judge, learner) for judge in JUDGES for learner in LEARNERS),
             ("oracles", "rules"), ("rules", "oracles"), ("oracles", "io"), ("rules", "io"),
             ("io", "oracles"),
             ("io", "rules"), ("report", "games"), ("learning", "certificates")}
ASKS = "learning.confirmation"      # the one that asks the certificate, about a user's own game
# All of a game that a certificate may read: its data, never how it evaluates itself.
DATA = re.compile(r"games\.(\w+\.data|limits|checks|roads\.link_costs)")
# Loaded inside functions, since importing them takes long or is their caller's choice.
LAZY = {"cli", "__init__"}
# Methods that show or export what they belong to: one line that hands it to a room above, which a
# user who has a result or a game in hand need not know; and the one by which a certificate is asked
# of a game that another tool holds. They alone may import upward.
DELEGATES = {"result": {"to_dataframe": "report.result_tables", "summary": "report.result_tables",
                        "to_xarray": "report.result_arrays",
                        "policies": "report.result_tables", "plot": "plot.learning"},
             **{f"games.{file}": {"to_networkx": "bridges.networkx"}
                for file in ("described", "roads.framed")},
             "certificates.equilibrium": {"_taken_over": "bridges.foreign"}}


def delegating(module: str, tree: ast.AST) -> list[ast.FunctionDef]:
    """The file's methods that are in the table."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
            and node.name in DELEGATES.get(module, {})]


def without_delegates(module: str, source: str) -> ast.AST:
    """What the file says, without the methods that are in the table."""
    tree = ast.parse(source)
    for method in delegating(module, tree):
        method.body = [ast.Pass()]
    return tree


def imported(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Every module of potentia that a file imports, relative to the package, and whether inside a
    function."""
    inner = {id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef)
             for node in ast.walk(function)}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative imports hide where they go"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.split(".")[0] == "potentia":
                yield name.partition(".")[2], id(node) in inner


def module_of(name: str) -> str:
    """The file's module that an imported name belongs to: itself, or what it is taken from."""
    while name not in MODULES and "." in name:
        name = name.rpartition(".")[0]
    return name if name in MODULES else ""


def layer_of(module: str) -> int:
    while module not in LAYER:
        assert "." in module, f"{module} has no layer yet"
        module = module.rpartition(".")[0]
    return LAYER[module]


def faults(module: str, source: str) -> list[str]:
    """What is wrong with the imports of the file of that module, whose source this is."""
    found, room = [], module.split(".")[0]
    for name, inner in imported(without_delegates(module, source)):
        target = module_of(name)
        if name == "__version__" or (room == "cli" and not target):
            continue
        if not target:
            found.append(
                f"{module} imports {name or 'the whole package'}, which hides what it needs")
        elif layer_of(target) > layer_of(module):
            found.append(f"{module} imports {target}, which stands above it")
        elif ((room, target.split(".")[0]) in STRANGERS and "fingerprint" not in target
              and module != ASKS):
            found.append(f"{module} imports {target}, but the two must not know each other")
        elif room == "certificates" and target.startswith("games.") and not DATA.fullmatch(target):
            found.append(f"{module} imports {target}, which is no data of a game")
        if inner and room not in LAZY:
            found.append(f"{module} imports {name} inside a function")
    return found


def arrows() -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(MODULES)
    for module, file in MODULES.items():
        for name, _ in imported(without_delegates(module, file.read_text())):
            if target := module_of(name):
                graph.add_edge(module, target)
    return graph


@pytest.mark.parametrize("module", [module for module in MODULES if module != "__init__"])
def test_imports_run_downward(module: str) -> None:
    assert faults(module, MODULES[module].read_text()) == []


def test_no_files_import_each_other() -> None:
    cycles = [sorted(part) for part in nx.strongly_connected_components(arrows()) if len(part) > 1]
    assert cycles == []


@pytest.mark.parametrize(("module", "name", "target"), [
    (module, name, target) for module, methods in DELEGATES.items()
    for name, target in methods.items()])
def test_a_delegate_is_one_line_that_hands_itself_on(module: str, name: str, target: str) -> None:
    (method,) = [each for each in delegating(module, ast.parse(MODULES[module].read_text()))
                 if each.name == name]
    told, brought, handed = method.body
    assert isinstance(told, ast.Expr), "a docstring"
    assert isinstance(brought, ast.ImportFrom)
    assert brought.module == f"potentia.{target}"
    assert isinstance(handed, ast.Return)
    assert isinstance(handed.value, ast.Call)
    assert ast.unparse(handed.value.func) == brought.names[0].name
    assert {"self", "game"} & {ast.unparse(arg) for arg in ast.walk(handed.value.args[0])
                               if isinstance(arg, ast.Name)}


@pytest.mark.parametrize(("module", "source"), [
    ("games.checks", "import potentia.learning.solver"),
    ("games.checks", "from potentia import rules"),
    ("errors", "from potentia.io import runs"),
    ("learning.host", "from potentia.certificates import equilibrium"),
    ("certificates.tabular", "from potentia.learning import device"),
    ("certificates.tabular", "from potentia.games.tabular.evaluation import ProfileChain"),
    ("report.page", "from potentia.games.tabular.game import MarkovGame"),
    ("learning.solver", "import potentia as pt"),
    ("learning.solver", "from potentia import solve"),
    ("games.tabular.game", "def f():\n    from potentia.errors import InputError"),
    ("result", "def other():\n    from potentia.errors import InputError"),
])
def test_a_wrong_import_would_be_seen(module: str, source: str) -> None:
    assert len(faults(module, source)) == 1
