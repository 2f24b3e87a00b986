"""Zhang, Mei, Dai, Schuurmans and Li, "On the Global Convergence Rates of Decentralized Softmax
Gradient Play in Markov Potential Games", arXiv 2202.00872: the flat region, as data."""

from __future__ import annotations

from potentia.experiments.courses import Course, Read
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Statement

STEP_SIZE, BARRIER, CLOSE = 5.0, 0.003, 1e-3
START = ((0.8, 0.1, 0.1), (0.5, 0.5))


def _course(rule: str, start: tuple[tuple[float, ...], ...] | str, updates: int, *reads: Read,
            **parameters: float) -> Course:
    return Course("flat-region", {}, rule, {"step_size": STEP_SIZE, **parameters}, start, updates,
                  reads)


def _potential(at: int) -> Read:
    return Read(f"potential after {at:,} updates", "value", at)


INPG = _course("inpg", START, 30_000, Read("gap last above 0.001 after", "last above", level=CLOSE),
               Read("gap after 20,000 updates", "gap", 20_000), _potential(20_000),
               _potential(30_000))
WITH_BARRIER = _course("inpg-log-barrier", START, 600, Read("gap after 600 updates", "gap", 600),
                       _potential(600), barrier=BARRIER, longest=1.0)
SOFTMAX_PG = _course("softmax-pg", "uniform", 20_000, _potential(5_000), _potential(20_000))
LEAVING = {"INPG gap last above 0.001 after": 1e-3}       # a rounding may shift the update
STATEMENTS = (
    Statement("zhang-flat", "INPG without a barrier is stuck in the flat region for good",
              "experiments; published script", "stuck at a potential of 0.16", {"INPG": INPG},
              lambda found: found["INPG potential after 30,000 updates"] < 0.161, 0.16,
              reason="The published arithmetic stores probabilities, which underflow to 0 there; "
                     "with log-policies INPG leaves the region, after some 24,000 updates.",
              tolerances=LEAVING),
    Statement("zhang-flat-long", "INPG without a barrier is in the flat region for long",
              "experiments; published script", "stuck at a potential of 0.16", {"INPG": INPG},
              lambda found: abs(found["INPG potential after 20,000 updates"] - 0.16) < CLOSE, 0.16,
              tolerances=LEAVING),
    Statement("zhang-barrier", "INPG with a log-barrier of 0.003 leaves the flat region",
              "experiments; published script", "the barrier leaves it",
              {"barrier": WITH_BARRIER},
              lambda found: found["barrier potential after 600 updates"] > 0.19,
              # Once there it goes on trembling: the exponent is cut at 1, as in the script.
              tolerances={"barrier gap after 600 updates": 5e-3,
                          "barrier potential after 600 updates": 5e-3}),
    Statement("zhang-softmax", "softmax PG from the uniform start is in the flat region after "
              "5,000 updates, where the published script stops", "experiments; published script",
              "a potential of 0.16", {"softmax PG": SOFTMAX_PG},
              lambda found: abs(found["softmax PG potential after 5,000 updates"] - 0.16) < CLOSE,
              0.16),
)
ABOUT = """Two agents of common interest, step size 5, discount 0, exact values, from (.8, .1, .1) and (.5, .5); one course, nothing
is random. *Gap* is the largest gain of either agent. The barrier's exponent is cut at 1 in size, as published. The
potential of the only pure equilibrium is 0.2, of the flat region 0.16. The Nash gap at the end is certified.
"""  # noqa: E501
PAPER = Paper(
    name="zhang2022",
    title='Zhang, Mei, Dai, Schuurmans and Li, "On the Global Convergence Rates of Decentralized '
          'Softmax Gradient Play in Markov Potential Games", arXiv 2202.00872',
    about=ABOUT, statements=STATEMENTS)
