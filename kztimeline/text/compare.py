"""What two sequences of words or lines have in common, found in time that grows as they do."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence


def changes(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """The stretches that differ: start and end on each side, either possibly empty.

    Only items that each has once are looked for, because pairing all that are alike takes the
    square of their number; then their neighbours, as far as they are alike.
    """
    i = j = 0
    for x, y in [*_unique(before, after), (len(before), len(after))]:
        while i < x and j < y and before[i] == after[j]:
            i, j = i + 1, j + 1
        back = 0
        while min(x - i, y - j) > back and before[x - back - 1] == after[y - back - 1]:
            back += 1
        if (x - back, y - back) != (i, j):
            yield i, x - back, j, y - back
        i, j = x + 1, y + 1


def _unique(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """As many as can be of the items that each has once, in the order of both."""
    counts = Counter(before), Counter(after)
    places = {item: at for at, item in enumerate(after) if counts[1][item] == counts[0][item] == 1}
    # The longest ascending run of places: for each length the chain that ends lowest.
    ends: list[int] = []
    chains: list[tuple[int, int, object]] = []
    for at, item in enumerate(before):
        if (place := places.get(item)) is not None:
            length = bisect_left(ends, place)
            ends[length : length + 1] = [place]
            chains[length : length + 1] = [(at, place, chains[length - 1] if length else None)]
    found: list[tuple[int, int]] = []
    chain: object = chains[-1] if chains else None
    while isinstance(chain, tuple):
        at, place, chain = chain
        found.append((at, place))
    return found[::-1]
