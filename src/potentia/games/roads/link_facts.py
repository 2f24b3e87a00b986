"""What is known of links besides their costs: ids by which people and files call them, capacities
and lengths.

Nothing here has a part in play: costs say all that agents see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from potentia.errors import InputError, nearest, shown
from potentia.games.checks import array_of
from potentia.runtime.pytree import Leaf, static, tree

LinkId = int | str


@tree
class LinkFacts:
    """number: [links] whole numbers, all different; () for 1, 2, ... in their order.

    capacity: [links] in vehicles, NaN where there is none known. length: [links] in the file's
    unit, likewise. Either is () where nothing is known of any link.
    names: where ids are text, of the numbers 1, 2, ...; else (), and the numbers are the ids. They
    are kept when a link is taken away, so that games of the same shapes share their programs.
    """

    number: Leaf = ()
    capacity: Leaf = ()
    length: Leaf = ()
    names: tuple[str, ...] = static(default=())


def checked(n_links: int, link_ids: Iterable[LinkId] | None, capacity: object,
            length: object) -> LinkFacts:
    """What is known of so many links; None where it is nothing.

    Raises InputError naming the link at fault.
    """
    number, names = _numbered(n_links, link_ids)
    return LinkFacts(number, _column(n_links, capacity, "capacity"),
                     _column(n_links, length, "length"), names)


def ids(facts: LinkFacts, n_links: int) -> tuple[LinkId, ...]:
    """What each link is called."""
    number = numbers(facts, n_links).tolist()
    return tuple(facts.names[k - 1] for k in number) if facts.names else tuple(number)


def numbers(facts: LinkFacts, n_links: int) -> np.ndarray:
    """[links] the number of each link."""
    return np.asarray(facts.number) if np.size(facts.number) else np.arange(1, n_links + 1)


def known(column: Leaf, n_links: int) -> np.ndarray:
    """[links] capacities or lengths, NaN where there are none."""
    return np.asarray(column) if np.size(column) else np.full(n_links, np.nan)


def place(facts: LinkFacts, n_links: int, link: object) -> int:
    """Where the link of this id stands. Raises InputError for an id that is none."""
    called = ids(facts, n_links)
    wanted = int(link) if isinstance(link, np.integer) else link
    if isinstance(wanted, bool) or not isinstance(wanted, int | str) or wanted not in called:
        raise InputError(f"there is no link with the id {shown(link)}{known_ids(called, link)}")
    return called.index(wanted)


def known_ids(called: Sequence[LinkId], link: object) -> str:
    """For a message that ends with it: the id that comes nearest to one that there is not, or what
    the ids are."""
    close = nearest(str(link), [one for one in called if isinstance(one, str)])
    whole = [one for one in called if isinstance(one, int)]
    return close or (f"; ids are {min(whole):,} to {max(whole):,}" if whole
                     else f"; ids are such as {shown(called[0])}")


def kept(facts: LinkFacts, n_links: int, links: np.ndarray) -> LinkFacts:
    """What is known of these links alone."""
    capacity, length = (column if not np.size(column) else np.asarray(column)[links]
                        for column in (facts.capacity, facts.length))
    return LinkFacts(numbers(facts, n_links)[links], capacity, length, facts.names)


def joined(facts: LinkFacts, n_links: int, capacity: object = None,
           length: object = None) -> LinkFacts:
    """With one more link at the end, with what is known of it; its id is the least number above all
    others, or as text the least above their count that is no other's.

    Raises InputError for a capacity or a length that is none.
    """
    number = numbers(facts, n_links)
    capacity, length = (
        column if not np.size(column) and given is None else np.append(
            known(column, n_links),
            np.nan if given is None else _column(1, np.array([given]), name))
        for column, given, name in ((facts.capacity, capacity, "capacity"),
                                    (facts.length, length, "length")))
    if not facts.names:
        return LinkFacts(np.append(number, number.max() + 1), capacity, length)
    first = len(facts.names) + 1
    called = next(str(k) for k in range(first, 2 * first) if str(k) not in facts.names)
    return LinkFacts(np.append(number, first), capacity, length,
                     (*facts.names, called))


def _numbered(n_links: int, link_ids: Iterable[LinkId] | None) -> tuple[Leaf, tuple[str, ...]]:
    if link_ids is None:
        return (), ()
    if isinstance(link_ids, str) or not np.ndim(np.asarray(link_ids, dtype=object)):
        raise InputError(f"link_ids is {shown(link_ids)}, but an id for each link was expected")
    found = [int(k) if isinstance(k, np.integer) else k for k in link_ids]
    if len(found) != n_links:
        raise InputError(f"link_ids are {len(found):,}, but there are {n_links:,} links")
    whole = all(isinstance(k, int) and not isinstance(k, bool) for k in found)
    # What is neither is at fault before what is of another kind than the rest.
    for k in sorted(found, key=lambda k: isinstance(k, int | str)):
        if not whole and (not isinstance(k, str) or not k.strip() or "\n" in k):
            raise InputError(f"link_ids holds {shown(k)}, but ids are all whole numbers or all "
                             f"text on one line")
        if whole and abs(int(k)) >= 2**63:
            raise InputError(f"link_ids holds {k}, beyond 64 bits")
    if len(set(found)) < n_links:
        seen: set[LinkId] = set()
        twice = next(k for k in found if k in seen or seen.add(k))
        raise InputError(f"link_ids holds {shown(twice)} twice")
    if not whole:
        return (), tuple(map(str, found))
    return () if found == list(range(1, n_links + 1)) else np.array(found, dtype=np.int64), ()


def _column(n_links: int, given: object, name: str) -> Leaf:
    """[links] as numbers; () if None or where none is known."""
    if given is None:
        return ()
    column = array_of(given, name).astype(np.float64)
    if column.shape != (n_links,):
        raise InputError(f"{name} has shape {column.shape}, but it must be ({n_links},) [links]")
    bad = column <= 0 if name == "capacity" else (column < 0) | np.isinf(column)
    if bad.any():
        link = int(np.flatnonzero(bad)[0])
        what = ("be positive, or NaN where there is none" if name == "capacity"
                else "be finite and not negative, or NaN where there is none")
        raise InputError(f"{name}[link={link}] is {column[link]:g}, but it must {what}")
    return () if np.isnan(column).all() else column
