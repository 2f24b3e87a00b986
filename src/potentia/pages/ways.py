"""Profiles on the way, as the steps of a slider."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.plot.tracks import Track, tracks_of
from potentia.result import Result

STEPS = 40                # of a slider, at most
ASK = ("This run kept no profiles on the way, so that the last ones are drawn alone: solve with "
       "snapshots=\"logarithmic\" (pt.solve), which keeps ten of each power of ten.")


@dataclasses.dataclass(frozen=True, eq=False)
class Way:
    """What a slider goes over. iterations [K], ascending; tracks: of each run."""

    iterations: np.ndarray
    tracks: list[Track]

    def of(self, run: int) -> Way:
        """The way of one run alone, as far as that went, as run 0 of it."""
        return _spread([self.tracks[run]])

    def profiles(self, run: int) -> np.ndarray:
        """[K, N, H, A] the profile of a run at each step: the last that it kept by then."""
        track = self.tracks[run]
        place = np.searchsorted(track.iteration, self.iterations, side="right") - 1
        return track.profile[np.maximum(place, 0)]

    def labels(self) -> list[str]:
        """The steps by their iterations."""
        return [f"{count:,}" for count in self.iterations.tolist()]


def way_of(result: Result) -> Way:
    """The profiles that were kept, at no more than STEPS iterations, spread evenly over those that
    there are; the last profiles alone if none were."""
    if result.snapshots is None:
        counts = np.ravel(result.iterations)
        tracks = [Track(np.array([count]), profile[None])
                  for count, profile in zip(counts, result.profiles, strict=True)]
        return Way(np.array([counts.max()]), tracks)
    return _spread(tracks_of(result))


def _spread(tracks: list[Track]) -> Way:
    """The way over no more than STEPS of the iterations at which the tracks have profiles."""
    known = np.unique(np.concatenate([track.iteration for track in tracks]))
    chosen = np.unique(np.linspace(0, len(known) - 1, STEPS).round().astype(int))
    return Way(known[chosen], tracks)
