"""Judges the answers of `lucid-eval bfcl` by the rules of the package `bfcl-eval`.

    python3 bfcl.py PACKAGE ANSWERS JUDGED

PACKAGE is the unpacked wheel. Each line of ANSWERS is copied to JUDGED with `valid`,
`error_type` and `error_detail`. Needs nothing but Python.
"""

import json
import sys
import types
from pathlib import Path

MODEL = "lucid"


def checker(package):
    """Imports the package's checker.

    The checker asks the package's table of models one thing, whether a model's
    interface forbids dots in names. The table imports the client library of every vendor, so a
    table with our one model stands in its place.
    """
    sys.path.insert(0, str(package))
    table = types.ModuleType("bfcl_eval.constants.model_config")
    table.MODEL_CONFIG_MAPPING = {MODEL: types.SimpleNamespace(underscore_to_dot=False)}
    sys.modules[table.__name__] = table
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

    def check(functions, calls, truth, category):
        return ast_checker(functions, calls, truth, Language.PYTHON, category, MODEL)

    return check


def by_id(path):
    with open(path, encoding="utf-8") as lines:
        return {item["id"]: item for item in map(json.loads, lines)}


def verdict(check, category, calls, item, truth):
    # The package's eval_runner.py judges these without the checker: right is what calls nothing.
    if "irrelevance" in category:
        if calls:
            return False, "irrelevance_error:decoder_success", []
        return True, "", []
    try:
        result = check(item["function"], calls, truth, category)
    except (AttributeError, KeyError, TypeError) as error:
        # The checker takes for granted that what stands in a list of records is a record.
        return False, "ast_checker:broke", [repr(error)]
    if result["valid"]:
        return True, "", []
    return False, result["error_type"], result["error"]


def main(package, answers, judged):
    check = checker(package)
    data = package / "bfcl_eval" / "data"
    known = {}
    with open(answers, encoding="utf-8") as lines, open(judged, "w", encoding="utf-8") as out:
        for answer in map(json.loads, lines):
            category = answer["category"]
            if category not in known:
                name = f"BFCL_v4_{category}.json"
                truths = data / "possible_answer" / name
                known[category] = (by_id(data / name), by_id(truths) if truths.exists() else {})
            items, truths = known[category]
            identity = answer["id"]
            truth = truths.get(identity, {}).get("ground_truth", [])
            valid, error_type, error = verdict(
                check, category, answer["calls"], items[identity], truth
            )
            answer.update(valid=valid, error_type=error_type, error_detail=error)
            out.write(json.dumps(answer, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
