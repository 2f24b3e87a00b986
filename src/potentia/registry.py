"""Registries: things of one kind by name, each in a file of its own that is imported when first
asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from potentia.errors import known_name, known_parameters, nearest


def loaded(package: str, names: Mapping[str, str], name: str) -> Any:
    """A public name of a package whose files wait until one of theirs is asked for; names: of each
    the file. Raises AttributeError for any other, with the nearest known one."""
    if name in names:
        return getattr(importlib.import_module(f"{package}.{names[name]}"), name)
    raise AttributeError(
        f"module {package!r} has no attribute {name!r}{nearest(name, names)}")


def loaded_file(package: str, files: Iterable[str], name: str) -> ModuleType:
    """The file of a package that is public as it is, by its name. Raises AttributeError for any
    other, with the nearest known one."""
    if name in files:
        return importlib.import_module(f"{package}.{name}")
    raise AttributeError(f"module {package!r} has no attribute {name!r}{nearest(name, files)}")


class Registry(Mapping[str, str]):
    """The files of a package by name.

    kind: what they hold, as messages call it. package: where they lie. entries: name -> "file", or
    "file:Class".

    As a mapping it gives the entries in their order.
    """

    def __init__(self, kind: str, package: str, entries: Mapping[str, str]):
        self.kind, self.package, self.entries = kind, package, dict(entries)

    def __getitem__(self, name: str) -> str:
        return self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def files(self) -> set[str]:
        """The files, without their suffix."""
        return {entry.partition(":")[0] for entry in self.entries.values()}

    @property
    def classes(self) -> dict[str, str]:
        """Class -> the name that it is registered by."""
        return {entry.partition(":")[2]: name for name, entry in self.entries.items()
                if ":" in entry}

    def module(self, name: str) -> ModuleType:
        """The file of that name. Raises InputError for an unknown one, with the nearest known."""
        file = self.entries[known_name(name, self.entries, self.kind)].partition(":")[0]
        return importlib.import_module(f"{self.package}.{file}")

    def load(self, name: str) -> type:
        """The class of that name. Raises InputError for an unknown one, with the nearest known."""
        return getattr(self.module(name), self.entries[name].partition(":")[2])

    def make(self, name: str, parameters: Mapping[str, object]) -> Any:
        """An instance of the class of that name.

        Raises InputError for an unknown name or parameter, with the nearest known one.
        """
        cls = self.load(name)
        known_parameters(cls, parameters, name)
        return cls(**parameters)

    def attribute(self, cls: str, others: Mapping[str, str] | None = None) -> Any:
        """What `package.cls` is: a registered class, or one of `others`, name -> module.

        Raises AttributeError for any other name, with the nearest known one.
        """
        if cls in self.classes:
            return self.load(self.classes[cls])
        if cls in (others or {}):
            return getattr(importlib.import_module((others or {})[cls]), cls)
        raise AttributeError(f"module {self.package!r} has no attribute {cls!r}"
                             f"{nearest(cls, [*self.classes, *(others or {})])}")
