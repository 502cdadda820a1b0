"""B-cubed: how well a clustering agrees with a labelled one (Bagga and Baldwin 1998).

For every item, the share of its found cluster that is of its labelled one
(precision), and the share of its labelled cluster that stands in its found one
(recall), the item itself counted in both; then the mean over all items.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Precision and recall, each in (0, 1]."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of the two means."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def bcubed(gold: Sequence[Hashable], found: Sequence[Hashable]) -> Agreement:
    """The agreement of two clusterings of the same items, a label per item.

    Raises:
        ValueError: no item, or not as many labels in both.
    """
    if not gold:
        raise ValueError("B-cubed of no item")
    both = Counter(zip(gold, found, strict=True))
    wanted, got = Counter(gold), Counter(found)
    # n items share a cell, and each of them meets the n of it.
    precision = sum(n * n / got[cluster] for (_, cluster), n in both.items())
    recall = sum(n * n / wanted[label] for (label, _), n in both.items())
    return Agreement(precision=precision / len(gold), recall=recall / len(gold))
