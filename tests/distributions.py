"""Distributions as pip installs them, made in a moment: what `importlib.metadata` finds on the path."""

from __future__ import annotations

from pathlib import Path


def distribution(folder: Path, name: str, **groups: dict[str, str]) -> None:
    """Puts a distribution into ``folder``: its metadata, with entry points by group. Its modules are the caller's."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        line
        for group, entries in groups.items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join([*lines, ""]))
