"""The one layout of a schema file, so that two versions of a schema differ only in what they say."""

import json
from typing import Any


def render(schema: dict[str, Any]) -> str:
    """The text of a schema file: each field on a line of its own, a field that holds a record opened."""
    return "\n".join(_lines(schema, "")) + "\n"


def _lines(value: Any, indent: str) -> list[str]:
    if not _opened(value):
        return [json.dumps(value, ensure_ascii=False)]
    inner = indent + "  "
    if isinstance(value, list):
        parts, brackets = [_lines(part, inner) for part in value], "[]"
    else:
        parts, brackets = [_keyed(key, part, inner) for key, part in value.items()], "{}"
    lines = [brackets[0]]
    for number, part in enumerate(parts, start=1):
        lines.append(inner + part[0])
        lines.extend(part[1:])
        if number < len(parts):
            lines[-1] += ","
    return [*lines, indent + brackets[1]]


def _keyed(key: str, value: Any, indent: str) -> list[str]:
    lines = _lines(value, indent)
    return [f"{json.dumps(key)}: {lines[0]}", *lines[1:]]


def _opened(value: Any) -> bool:
    """Whether `value` is a record's list of fields, or has a record somewhere inside."""
    if isinstance(value, list):
        return any(_is_field(part) or _opened(part) for part in value)
    if not isinstance(value, dict):
        return False
    return "fields" in value or any(_opened(part) for part in value.values())


def _is_field(value: Any) -> bool:
    return isinstance(value, dict) and "name" in value and "type" in value and "symbols" not in value
