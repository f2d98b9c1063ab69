"""Each manual page goes to the folder of its section when a wheel is built: share/man/man1, man3, man5, man7."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPages(BuildHookInterface):  # type: ignore[type-arg]
    """hatchling takes folders or single files: a folder of pages of all sections would end up in one section."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the pages to what is installed below the environment's prefix."""
        del version
        for page in sorted(Path(self.root, "man").iterdir()):
            build_data["shared_data"][str(page)] = f"share/man/man{page.suffix[1:]}/{page.name}"
