"""Matplotlib's SVG in half the bytes: every point of it is text in the notebook's file."""

from __future__ import annotations

import re
from collections.abc import Collection

_FONTS = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

_ATTRIBUTE = re.compile(r'\s+([\w:-]+)="([^"]*)"')
_MARKER = r'<use xlink:href="#\w+" x="[^"]*" y="[^"]*" style="{}"/>'
_MARKERS = re.compile(
    r"(<g[^>]*)>((?:" + _MARKER.format('([^"]*)') + ")(?:" + _MARKER.format(r"\3") + ")+)</g>"
)


def compact(text: str, width: int, height: int) -> str:
    """The <svg> element alone, of this size, with one font for all of it."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style\b.*?</style>", "", text, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    text = re.sub(r"<[^>]*>", lambda tag: _ATTRIBUTE.sub(lambda found: _short(found, used), tag[0]), text)
    text = re.sub(r">\s+<", "><", text).replace("<defs></defs>", "")
    text = _MARKERS.sub(_styled_once, text)
    root = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{_FONTS}" stroke-linejoin="round" stroke-linecap="butt">'
    )
    return root + text[text.index(">") + 1 :].strip()


def _styled_once(group: re.Match[str]) -> str:
    """A group of equal markers with their style on the group: hundreds of marks, half the text."""
    opening, markers, style = group.groups()
    return f'{opening} style="{style}">' + markers.replace(f' style="{style}"', "") + "</g>"


def _short(attribute: re.Match[str], used: Collection[str]) -> str:
    """An attribute without a font of its own, places to a tenth of a pixel; no id that nothing refers to."""
    name, value = attribute.groups()
    if name == "id" and value not in used:
        return ""
    if name == "style":
        value = re.sub(r" ?font-family: [^;]*;?", "", value)
    elif not value.startswith("data:"):
        value = re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value)
    if name == "d" or value.startswith("data:"):
        value = re.sub(r"\s*\n\s*", "", value)
    return f' {name}="{value}"'
