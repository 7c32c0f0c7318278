"""Keeps a list, one item a line, in the folder that Lucid keeps for this plugin."""

import pathlib

from lucid_plugin import Plugin, Refused

plugin = Plugin("plugin_name")
LIST = pathlib.Path("/data/list.txt")


def items() -> list[str]:
    return LIST.read_text().splitlines() if LIST.exists() else []


def keep(items: list[str]) -> None:
    LIST.write_text("".join(item + "\n" for item in items))


@plugin.tool
def add(item: str) -> None:
    """Adds an item to the list."""
    if item in items():
        raise Refused(f"“{item}” is on the list already.")
    keep([*items(), item])


@plugin.tool
def remove(item: str) -> None:
    """Takes an item off the list."""
    if item not in items():
        raise Refused(f"“{item}” is not on the list.")
    keep([each for each in items() if each != item])


@plugin.tool
def show() -> list[dict]:
    """Gives all items."""
    return [{"item": item} for item in items()]


plugin.run()
