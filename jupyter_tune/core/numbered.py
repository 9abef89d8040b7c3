"""Values by the numbers of trials, of which a copy costs almost nothing.

They lie in pages. A copy shares all pages; whichever of the two writes to one first gets a page of its own.
So a snapshot of a study of 100,000 trials copies a few hundred references, and not 100,000.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, ValuesView
from itertools import chain
from typing import Any, TypeVar

Value = TypeVar("Value")

PAGE = 128
"""Numbers in a page."""


class Numbered(MutableMapping[int, Value]):
    """A mapping in the order of the pages, and in each of them in that of the first writing."""

    def __init__(self) -> None:
        self._pages: dict[int, dict[int, Value]] = {}
        # the pages that no copy has
        self._own: set[int] = set()
        self._size = 0

    def copy(self) -> Numbered[Value]:
        """The same values; neither sees what is written to the other from now on."""
        twin: Numbered[Value] = Numbered()
        twin._pages, twin._size = dict(self._pages), self._size
        self._own.clear()
        return twin

    def __getitem__(self, number: int) -> Value:
        return self._pages[number // PAGE][number]

    def __setitem__(self, number: int, value: Value) -> None:
        page = self._page_to_write(number)
        self._size += number not in page
        page[number] = value

    def __delitem__(self, number: int) -> None:
        if number not in self:
            raise KeyError(number)
        del self._page_to_write(number)[number]
        self._size -= 1

    def _page_to_write(self, number: int) -> dict[int, Value]:
        place = number // PAGE
        if place not in self._own:
            self._pages[place] = dict(self._pages.get(place, ()))
            self._own.add(place)
        return self._pages[place]

    def __contains__(self, number: Any) -> bool:
        try:
            return number in self._pages[number // PAGE]
        except (KeyError, TypeError):
            return False

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self._pages.values())

    def __len__(self) -> int:
        return self._size

    def values(self) -> ValuesView[Value]:
        return _Values(self)

    def __repr__(self) -> str:
        return repr(dict(self))


class _Values(ValuesView[Value]):
    """The values without a look-up of each."""

    _mapping: Numbered[Value]

    def __iter__(self) -> Iterator[Value]:
        return chain.from_iterable(page.values() for page in self._mapping._pages.values())
