"""Knowledge files read strictly: the dataclass is the schema, and a key it does not name stops the program.

A misspelt key must stop the scan, not weaken it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from triage.errors import RuleError

Record = TypeVar("Record")

_SCALARS = {str: "text", bool: "true or false", int: "a whole number", date: "a date", datetime: "a date with time"}


def load_toml(path: Path, schema: type[Record], **given: object) -> Record:
    """One TOML file as a record of `schema`.

    Args:
        path: UTF-8 TOML.
        schema: a dataclass; its field names are the keys, its annotations the types.
        given: fields that do not come from the file (a folder's name, rows of a file beside it).

    Raises:
        RuleError: `path: key: …` for what is unknown, missing or of the wrong type; `path:line: …` for bad TOML.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path}: not valid TOML: {error}") from error
    return build(schema, raw, str(path), given)


def build(schema: type[Record], raw: Mapping[str, object], where: str, given: Mapping[str, object] = {}) -> Record:
    """A record of `schema` from a table; `where` begins every error.

    Raises:
        RuleError: an unknown or missing key, or a value of the wrong type.
    """
    known = {field.name: field for field in _fields(schema) if field.name not in given}
    if unknown := sorted(raw.keys() - known.keys()):
        raise RuleError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    any_class: Any = schema  # mypy takes a generic class for unhashable
    hints = _hints(any_class)
    values = dict(given)
    for name, field in known.items():
        if name in raw:
            values[name] = _value(hints[name], raw[name], f"{where}: {name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise RuleError(f"{where}: missing key {name}")
    try:
        return schema(**values)
    except ValueError as error:  # what a record's own __post_init__ refuses
        raise RuleError(f"{where}: {error}") from error


@cache
def _hints(schema: type) -> dict[str, Any]:
    return get_type_hints(schema)


def _fields(schema: type) -> tuple[Field[Any], ...]:
    return tuple(field for field in fields(schema) if field.init)


def _value(kind: Any, value: object, where: str) -> object:  # noqa: ANN401 - a type annotation is not a type
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        (kind,) = (part for part in get_args(kind) if part is not NoneType)
        return _value(kind, value, where)
    if origin is Literal:
        if value not in get_args(kind):
            raise RuleError(f"{where}: {value!r} is not one of {', '.join(map(str, get_args(kind)))}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise RuleError(f"{where}: must be a list")
        return tuple(_value(get_args(kind)[0], item, f"{where}[{n}]") for n, item in enumerate(value, 1))
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise RuleError(f"{where}: must be a table")
        return build(kind, value, where)
    if origin is not None:  # Mapping[str, X]
        if not isinstance(value, dict):
            raise RuleError(f"{where}: must be a table")
        return {key: _value(get_args(kind)[1], item, f"{where}.{key}") for key, item in value.items()}
    if type(value) is not kind:  # exact: bool is an int, datetime is a date
        raise RuleError(f"{where}: must be {_SCALARS[kind]}, not {value!r}")
    return value
