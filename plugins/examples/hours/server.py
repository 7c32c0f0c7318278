"""Keeps a time sheet: what was worked on, from when to when, in the folder that Lucid keeps for this plugin."""

import datetime
import json
import pathlib

from lucid_plugin import Plugin, Refused

plugin = Plugin("hours")
SHEET = pathlib.Path("/data/hours.jsonl")


def entries() -> list[dict]:
    """All entries, oldest first; the last has no end while it runs."""
    if not SHEET.exists():
        return []
    return [json.loads(line) for line in SHEET.read_text().splitlines() if line]


def write(sheet: list[dict]) -> None:
    """Writes all entries; a crash leaves the old ones or the new ones whole."""
    part = SHEET.with_suffix(".part")
    part.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in sheet))
    part.replace(SHEET)


def now() -> datetime.datetime:
    return datetime.datetime.now().astimezone().replace(microsecond=0)


def seconds(entry: dict) -> float:
    begin = datetime.datetime.fromisoformat(entry["begin"])
    end = datetime.datetime.fromisoformat(entry["end"]) if entry.get("end") else now()
    return max(0.0, (end - begin).total_seconds())


@plugin.tool
def start(project: str) -> str:
    """Begins to count time for a project; what was counted before ends."""
    sheet, moment = entries(), now().isoformat()
    if sheet and not sheet[-1].get("end"):
        if sheet[-1]["project"] == project:
            raise Refused(f"“{project}” is being counted already.")
        sheet[-1]["end"] = moment
    write([*sheet, {"project": project, "begin": moment}])
    return project


@plugin.tool
def stop() -> str:
    """Ends what is being counted."""
    sheet = entries()
    if not sheet or sheet[-1].get("end"):
        raise Refused("Nothing is being counted.")
    sheet[-1]["end"] = now().isoformat()
    write(sheet)
    return sheet[-1]["project"]


@plugin.tool
def report(days: int) -> list[dict]:
    """Gives the time of each project in the last days, today included."""
    first = (now() - datetime.timedelta(days=days - 1)).replace(hour=0, minute=0, second=0)
    sums: dict[str, float] = {}
    for entry in entries():
        if datetime.datetime.fromisoformat(entry["begin"]) >= first:
            sums[entry["project"]] = sums.get(entry["project"], 0.0) + seconds(entry)
    ordered = sorted(sums.items(), key=lambda pair: -pair[1])
    return [{"project": project, "time": time} for project, time in ordered]


if __name__ == "__main__":
    plugin.run()
