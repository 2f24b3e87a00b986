"""Examples for the help of each command; tests parse every one of them."""

from __future__ import annotations

EXAMPLES = {
    "reproduce": ("potentia reproduce fox2021 --out out",
                  "potentia reproduce fig2 --runs 3 --json"),
    "solve": ("potentia solve stochastic-congestion -p n_agents=3 --rule inpg --step-size 0.1",
              "potentia solve game.json --runs 10 --seed 1 --tolerance 1e-6 --out runs/first",
              "potentia solve town_net.tntp --trips town_trips.tntp --out runs/town"),
    "train": ("potentia train crowded-grid --updates 100 --out runs/grid",
              "potentia train stag-hunt --learner npg --runs 3 --gap"),
    "certify": ("potentia certify runs/first",
                "potentia certify game.json --profile profile.npy --part equilibrium --json"),
    "compare": ("potentia compare braess --without 3-4",
                "potentia compare town_net.tntp --trips town_trips.tntp --toll 3-4=2.5",
                "potentia compare sioux-falls --scenarios plans.toml --picture plans.png"),
    "sweep": ("potentia sweep spec.toml --dry-run",
              "potentia sweep spec.toml --out sweep --workers 2"),
    "leaderboard": ("potentia leaderboard sweep --level 0.01",
                    "potentia leaderboard sweep --format latex --out table.tex"),
    "report": ("potentia report runs/first --out report.html",),
    "bench": ("potentia bench machine starts --json",),
    "games": ("potentia games", "potentia games distancing", "potentia games --json"),
    "rules": ("potentia rules", "potentia rules inpg", "potentia rules --json"),
    "oracles": ("potentia oracles", "potentia oracles sampled"),
    "schedules": ("potentia schedules", "potentia schedules in-turns"),
}


def epilog(command: str) -> str:
    """What stands at the end of the command's help: an example a line."""
    return "\n\n".join(["Examples:", *EXAMPLES[command]])
