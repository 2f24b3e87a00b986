"""What is written takes the place of a file, never that of a pipe or a device."""

import os
import stat
import sys
from pathlib import Path

import pytest

import potentia as pt
from potentia.io.atomic import write_text
from potentia.io.link_flows import read_link_flows

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    game = pt.games.make("stag-hunt")
    for write in (lambda: write_text(pipe, "text"), lambda: pt.io.write_nfg(game, pipe)):
        with pytest.raises(pt.InputError, match="pipe: it is no file, but a pipe or a device"):
            write()
        assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_flows_of_links_that_lie_elsewhere_are_refused(tmp_path: Path) -> None:
    game, table = pt.games.make("braess"), tmp_path / "flows.csv"
    ends = [tuple(map(int, pair)) for pair in game.links]
    rows = [f"{link},{start},{end},1.5" for link, (start, end) in zip(game.link_ids, ends,
                                                                      strict=True)]
    table.write_text("\n".join(["id,from,to,flow", *rows]) + "\n")
    assert read_link_flows(table, game) == dict.fromkeys(game.link_ids, 1.5)
    padded = [f"00{link},0{start},+{end},1.5" for link, (start, end) in zip(
        game.link_ids, ends, strict=True)]
    table.write_text("\n".join(["id,from,to,flow", *padded]) + "\n")
    assert read_link_flows(table, game) == dict.fromkeys(game.link_ids, 1.5)
    (start, end), link = ends[1], game.link_ids[1]
    rows[1] = f"{link},{end},{start},1.5"
    table.write_text("\n".join(["id,from,to,flow", *rows]) + "\n")
    told = f"line 3: the link {link} leads from {end} to {start}, but that of the network from"
    with pytest.raises(pt.InputError, match=f"{told} {start} to {end}"):
        read_link_flows(table, game)
