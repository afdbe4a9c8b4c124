"""Elements: builds HTML from values, and escapes every text that is not HTML already. Pure."""

from collections.abc import Iterable
from html import escape

_EMPTY = frozenset({"meta", "br", "input"})


class Html(str):
    """Text that is HTML already. Any other text is escaped where it is put in."""

    __slots__ = ()


Child = str | Iterable["Child"] | None
Value = str | int | float | bool | None


def el(name: str, /, *children: Child, **attributes: Value) -> Html:
    """One element.

    Args:
        attributes: `class_` stands for `class`, other underscores for hyphens; True stands alone, None and
            False leave the attribute out.
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{join(children)}</{name}>")


def join(children: Child) -> Html:
    """Children one after the other; texts escaped."""
    match children:
        case None:
            return Html("")
        case Html():
            return children
        case str():
            return Html(escape(children))
        case _:
            return Html("".join(join(child) for child in children))


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
