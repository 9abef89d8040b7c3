"""No page without a test that its code runs: the table of who runs what."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import DOCS, ROOT, RUN_BY, blocks

PAGES = {str(path.relative_to(DOCS)): path.read_text() for path in DOCS.rglob("*.md")}
KINDS = {"python", "python3", "toml", "json", "shell", "text", "", "{eval-rst}", "{toctree}"}
"""What a block may be: ```python is executed, ```python3 is code that is not, the others are no Python."""


def test_every_page_with_code_is_run_by_a_test() -> None:
    assert RUN_BY.keys() == {page for page in PAGES if blocks(page)}


@pytest.mark.parametrize("page", RUN_BY)
def test_the_test_takes_the_blocks_of_the_page(page: str) -> None:
    for test in RUN_BY[page].split():
        text = (ROOT / "tests" / test).read_text()
        assert f'"{page}"' in text
        assert re.search(r"\b(blocks|side|sections|code_of)\(", text)


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_of_a_known_kind(page: str) -> None:
    opened = re.findall(r"^ *(```+)(.*)$", PAGES[page], re.M)
    assert len(opened) % 2 == 0
    assert {kind for _, kind in opened[::2]} <= KINDS
    assert {kind for _, kind in opened[1::2]} <= {""}


@pytest.mark.parametrize("page", PAGES)
def test_the_other_side_of_a_pair_is_there(page: str) -> None:
    """A side is a ```python block as well, so a test that runs both sides runs the page."""
    pairs = PAGES[page].count('<div class="sides">')
    assert PAGES[page].count("**jupyter_tune**\n\n```python\n") == pairs
    assert PAGES[page].count("</div>") == pairs


@pytest.mark.parametrize("page", PAGES)
def test_lines_of_a_side_are_no_longer_than_its_half_of_the_page(page: str) -> None:
    for pair in re.findall(r'<div class="sides">\n(.*?)</div>', PAGES[page], re.S):
        assert [line for line in pair.splitlines() if len(line) > 62] == []
