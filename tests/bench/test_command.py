"""`potentia bench`: what it runs, writes and answers, and the page made from its results."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from potentia import bench, cli
from potentia.bench import machine, runner
from potentia.bench.harness import Asked, Figure, Limit, missing
from potentia.report.benchmarks import markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOUND = {"machine": [Figure("rate", 12.5, "Gflop/s", seconds={"once": 0.002})],
         "product": [Figure("ratio", 2.0, limit=Limit("at most", 3),
                            seconds={"ours": 2e-5, "theirs": 1.5})],
         "homotopy": [missing("other", "not measured: no other", limit=Limit("at least", 1000))]}
BAD = {**FOUND, "product": [Figure("ratio", 4.0, limit=Limit("at most", 3))]}


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """`potentia bench ARGUMENTS` in an empty directory, with figures instead of measurements."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, found: dict = FOUND) -> tuple[int, str, str]:
        def measured(name: str, given: Asked) -> dict:
            if isinstance(found[name], BaseException):
                raise found[name]
            return {"about": f"About {name}.", "took": 1.0,
                    "figures": [figure.entry() for figure in found[name]]}

        monkeypatch.setattr(runner, "REGISTRY", tuple(found))
        monkeypatch.setattr(runner, "_measured", measured)
        monkeypatch.setattr(sys, "argv", ["potentia", "bench", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


def test_all_are_run_and_written(command) -> None:
    status, out, _ = command("--out", "deep/here")
    assert status == 0
    assert "2 times" in out
    document = json.loads(Path("deep/here/benchmarks.json").read_text())
    assert list(document["benchmarks"]) == list(FOUND)
    assert document["complete"] is True
    assert Path("deep/here/benchmarks.md").read_text() == markdown(document)


def test_the_named_ones_alone_in_order(command) -> None:
    _, out, _ = command("homotopy", "machine", "--json")
    assert list(json.loads(out)["benchmarks"]) == ["machine", "homotopy"]


def test_help_names_them_all(command) -> None:
    _, out, _ = command("--help")
    assert ", ".join(bench.REGISTRY) in " ".join(out.replace("│", " ").split())


def test_a_missed_limit_is_status_1(command) -> None:
    status, out, _ = command(found=BAD)
    assert status == 1
    assert "NO" in out


def test_ctrl_c_keeps_what_there_is(command) -> None:
    status, out, err = command("--out", "here", found={**FOUND, "product": KeyboardInterrupt()})
    assert status == 130
    assert err == "potentia: interrupted\n"
    assert "12.5 Gflop/s" in out
    document = json.loads(Path("here/benchmarks.json").read_text())
    assert list(document["benchmarks"]) == ["machine"]
    assert "**interrupted**" in Path("here/benchmarks.md").read_text()


def test_a_run_that_breaks_leaves_earlier_results(command) -> None:
    command("--out", "here")
    earlier = Path("here/benchmarks.json").read_bytes()
    with pytest.raises(ZeroDivisionError):
        command("--out", "here", found={**FOUND, "product": ZeroDivisionError()})
    assert Path("here/benchmarks.json").read_bytes() == earlier


@pytest.mark.parametrize(("arguments", "message"), [
    (["prodct"], "unknown benchmark 'prodct'; did you mean 'product'?"),
    (["--peers", "there"],
     "there is no folder of peers (benchmarks/peers in a checkout): it has no sgamesolver_run.py"),
    (["--sgamesolver", "nothing-of-this-name"],
     "sgamesolver is 'nothing-of-this-name', but there is no such program; give the path of a "
     "Python"),
    (["--out", "file"], "cannot write "),
    (["--network", "half/A_net.tntp", "half/B.tntp"], "network: there is no file half/B.tntp"),
    (["--networks", "nowhere"], "networks: there is no NAME_net.tntp in nowhere"),
    (["--networks", "half"], "networks: there is no A_trips.tntp beside half/A_net.tntp"),
])
def test_bad_input_is_one_line(command, arguments: list[str], message: str) -> None:
    Path("file").touch()
    Path("half").mkdir()
    Path("half/A_net.tntp").touch()
    status, out, err = command(*arguments)
    assert status == 2
    assert out == ""
    line, = err.splitlines()
    assert line.startswith(f"potentia: error: {message}")


def test_peers_are_found_at_the_root_of_a_checkout(tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert runner.asked(None, None) == Asked()
    Path("benchmarks/peers").mkdir(parents=True)
    Path("benchmarks/peers/sgamesolver_run.py").touch()
    assert runner.asked(None, None) == Asked(peers=Path("benchmarks/peers"))
    assert runner.asked(tmp_path / "benchmarks/peers",
                        sys.executable).peers == tmp_path / "benchmarks/peers"


def test_networks_of_folders_are_measured_by_name(tmp_path: Path) -> None:
    named = [tmp_path / name for name in ("own_net.tntp", "own.tntp")]
    for path in (*named, *(tmp_path / folder / f"{name}_{kind}.tntp" for folder, name in (
            ("one", "B"), ("one", "A"), ("other", "C")) for kind in ("net", "trips"))):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = runner.asked(None, network=(named[0], named[1]),
                         folders=[tmp_path / "one", tmp_path / "other"]).networks
    assert [net.stem for net, _ in found] == ["own_net", "A_net", "B_net", "C_net"]
    assert [trips.stem for _, trips in found] == ["own", "A_trips", "B_trips", "C_trips"]


def test_another_device_has_files_of_its_own(command, monkeypatch: pytest.MonkeyPatch) -> None:
    told = machine.description() | {"backend": "gpu", "devices": ["Accelerator X"]}
    monkeypatch.setattr(machine, "description", lambda: told)
    command("machine", "--out", "here")
    page = Path("here/benchmarks-gpu.md").read_text()
    assert page.startswith("# Benchmarks, measured on Accelerator X\n")
    assert "computing on Accelerator X (gpu)" in page
    assert not Path("here/benchmarks.json").exists()


def test_the_machine_is_described() -> None:
    told = machine.description()
    assert told["cores"] >= 1
    assert told["memory_gb"] > 0
    assert told["processor"]
    assert told["versions"]["jax"]
    assert told["devices"]


def test_the_page_says_what_was_found(command) -> None:
    command("--out", "here", found={**FOUND, "product": BAD["product"] + FOUND["product"]})
    page = Path("here/benchmarks.md").read_text()
    assert "| ratio | 4 times | at most 3 | NO |" in page
    assert "| ratio | 2 times | at most 3 | yes | ours: 20 us; theirs: 1.5 s |" in page
    assert "| other | not measured | at least 1,000 | - |  | not measured: no other |" in page
    assert "| rate | 12.5 Gflop/s | - | - | once: 2 ms |" in page
    assert page.index("## Against limits") < page.index("## machine") < page.index("## homotopy")


@pytest.mark.parametrize("name", ["benchmarks", "benchmarks-gpu"])
def test_the_pages_in_docs_are_generated(name: str) -> None:
    document = json.loads((DOCS / f"{name}.json").read_text())
    assert (DOCS / f"{name}.md").read_text() == markdown(document)
    assert set(document["benchmarks"]) <= set(bench.REGISTRY)


def test_what_was_measured_before_on_this_machine_stays(command) -> None:
    command("--out", "here")
    path = Path("here/benchmarks.json")
    before = json.loads(path.read_text()) | {"date": "2020-01-01"}
    path.write_text(json.dumps(before))
    command("machine", "--out", "here")
    document = json.loads(path.read_text())
    assert list(document["benchmarks"]) == list(before["benchmarks"])
    assert document["benchmarks"]["homotopy"]["date"] == "2020-01-01"
    page = Path("here/benchmarks.md").read_text()
    assert page == markdown(document)
    assert page.index("Measured 2020-01-01.") > page.index("## machine")


@pytest.mark.parametrize("text", ["", "[]", '{"benchmarks": {}}', '{"machine": {"cores": 0}}'])
def test_what_another_machine_measured_or_no_benchmark_is_replaced(command, text: str) -> None:
    Path("here").mkdir()
    Path("here/benchmarks.json").write_text(text)
    command("machine", "--out", "here")
    document = json.loads(Path("here/benchmarks.json").read_text())
    assert list(document["benchmarks"]) == ["machine"]


def test_another_version_replaces_what_was_measured(command) -> None:
    command("--out", "here")
    path = Path("here/benchmarks.json")
    before = json.loads(path.read_text())
    before["machine"]["versions"]["jax"] = "0.0.1"
    path.write_text(json.dumps(before))
    command("machine", "--out", "here")
    assert list(json.loads(path.read_text())["benchmarks"]) == ["machine"]
