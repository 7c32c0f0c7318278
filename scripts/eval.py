"""Scores the planner on sets of requests. Three steps, called by eval.sh:

    eval.py key MODEL            prints a name for the code that plans and its model
    eval.py plan SETS KEPT       plans what KEPT does not hold yet, inside a session
    eval.py page SETS KEPT MODEL writes docs/eval.md and prints the score

A line of a set is {"text": REQUEST, "language": "en" or "zh", "accept": [REGEX, ...]}:
the plan is right when one of the expressions matches all of it. An empty list means
that nothing may be done: the plan is empty, or only says or asks something.
"""

import collections
import datetime
import hashlib
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ["crates/plan", "crates/planner", "crates/functions", "crates/engine", "models/llama", "plugins"]


def key(model):
    """Names the code that plans and the model it plans with."""
    digest = hashlib.sha256(model.encode())
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in (".rs", ".toml", ".lark", ".md"):
                digest.update(path.read_bytes())
    return f"{model}-{digest.hexdigest()[:12]}"


def requests(folder):
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield path.stem, json.loads(line)


def planned(kept):
    """Reads the reports of earlier runs."""
    lines = kept.read_text().splitlines() if kept.exists() else []
    return {report["text"]: report for report in map(json.loads, lines)}


def plan_missing(texts, kept):
    """Plans what is not in the file `kept`, and adds each report to it at once."""
    done = planned(kept)
    missing = [text for text in dict.fromkeys(texts) if text not in done]
    if missing:
        print(f"{len(done)} requests are planned already, {len(missing)} are not", flush=True)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as batch, kept.open("a") as out:
            for text in missing:
                print(json.dumps({"text": text}, ensure_ascii=False), file=batch)
            batch.flush()
            command = ["lucid", "plan", "--no-templates", "--batch", batch.name]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                for line in process.stdout:
                    report = json.loads(line)
                    done[report["text"]] = report
                    print(line, end="", file=out, flush=True)
                    if len(done) % 10 == 0:
                        print(f"  {len(done)} planned", flush=True)
            if process.returncode:
                sys.exit("lucid plan --batch failed; what was planned is kept")


def right(request, plan):
    plan = plan.strip()
    if not request["accept"]:
        return all(line.startswith(("say(", "ask(")) for line in plan.splitlines())
    return any(re.fullmatch(pattern, plan, re.DOTALL) for pattern in request["accept"])


def page(model, rows):
    today = datetime.date.today().isoformat()
    lines = [
        "# Scores of the planner",
        "",
        f"Written by `make eval` on {today}, with {model}, without sentence templates: the model writes every plan.",
        "A plan is right when it is one of those that the set accepts; the requests of the sets appear in no example.",
        "",
        "| set | language | right | first statement, median |",
        "|---|---|---:|---:|",
    ]
    groups = collections.defaultdict(list)
    for name, request, report in rows:
        groups[name, request["language"]].append((request, report))
    for (name, language), group in sorted(groups.items()):
        good = sum(right(request, report["plan"]) for request, report in group)
        times = [report["first_statement_ms"] for _, report in group if report["first_statement_ms"]]
        median = f"{statistics.median(times):.0f} ms" if times else ""
        lines.append(f"| {name} | {language} | {good} of {len(group)} | {median} |")
    lines += ["", "## What was wrong", "", "| request | plan |", "|---|---|"]
    for _, request, report in rows:
        if not right(request, report["plan"]):
            problem = (report.get("problem") or {}).get("sentence", "")
            plan = report["plan"].strip().replace("\n", "` `").replace("|", "\\|")
            lines.append(f"| {request['text']} | {f'`{plan}`' if plan else problem or 'none'} |")
    return "\n".join(lines) + "\n"


def score(sets, kept, model):
    reports = planned(kept)
    rows = [(name, request, reports[request["text"]]) for name, request in sets if request["text"] in reports]
    (ROOT / "docs/eval.md").write_text(page(model, rows))
    good = sum(right(request, report["plan"]) for _, request, report in rows)
    print(f"{good} of {len(rows)} plans are right; docs/eval.md has the rest")


match sys.argv[1:]:
    case ["key", model]:
        print(key(model))
    case ["plan", sets, kept]:
        plan_missing([request["text"] for _, request in requests(sets)], pathlib.Path(kept))
    case ["page", sets, kept, model]:
        score(list(requests(sets)), pathlib.Path(kept), model)
    case _:
        sys.exit(__doc__)
