"""Holds the files that ship against the JSON Schemas that `huitou schema` prints, and sees to it that these refuse what is wrong.

    validate.py HUITOU
"""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

HUITOU = sys.argv[1]
passed = failed = 0


class Loader(yaml.SafeLoader):
    """YAML in which a date stays the text that is written."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def validator(kind, lang="en"):
    """The validator of a kind of file."""
    text = subprocess.run([HUITOU, "schema", kind, "--lang", lang], check=True, capture_output=True, text=True).stdout
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_json(document):
    """The document with keys of mappings as text: JSON has no others."""
    if isinstance(document, dict):
        return {str(key): as_json(value) for key, value in document.items()}
    if isinstance(document, list):
        return [as_json(value) for value in document]
    return document


def check(name, text, schema, is_valid):
    """Counts whether the schema says of the text what is expected."""
    global passed, failed
    errors = [error.message for error in schema.iter_errors(as_json(yaml.load(text, Loader)))]
    if bool(errors) == is_valid:
        failed += 1
        print(f"{name}: {'is refused: ' + '; '.join(errors) if is_valid else 'is not refused'}")
    else:
        passed += 1


job, rules, strategy, stages = validator("job"), validator("rules"), validator("strategy"), validator("stages")
validator("job", "zh")

for page in ["docs/reference/job-file.md", "docs/zh/reference/job-file.md"]:
    check(page, re.search(r"```yaml\n(.*?)```", pathlib.Path(page).read_text(), re.S).group(1), job, True)
# Beside the jobs lies the stage file that one of them names.
for file in sorted(pathlib.Path("jobs").glob("*.yaml")):
    check(file, file.read_text(), stages if file.name == "stages.yaml" else job, True)
for page in ["docs/reference/stages.md", "docs/zh/reference/stages.md"]:
    check(page, re.search(r"```yaml\n(.*?)```", pathlib.Path(page).read_text(), re.S).group(1), stages, True)
for file in sorted(pathlib.Path("jobs/rules").glob("*.yaml")):
    check(file, file.read_text(), rules, True)
for file in sorted(pathlib.Path("jobs/strategies").glob("*.yaml")):
    check(file, file.read_text(), strategy, True)

smallest = "job: a\ninputs: { orders: data }\n"
check("the smallest job", smallest, job, True)
check("an empty section", smallest + "params:\noutput: { postgres: }\n", job, True)
check("a constant filter", "job: a\ninputs: { orders: { path: data, filter: true } }\n", job, True)
database = smallest + "output: { postgres: { url: '${PG}', history: %s } }\n"
check("a history", database % "[shop_periods, audience_winback]", job, True)
check("no history", database % "[]", job, True)
check("a report", smallest + "output: { report: true }\n", job, True)
for wrong in [
    "job: a\n",
    "job: a\ninputs: {}\n",
    smallest + "as_of: tomorrow\n",
    smallest + "as_off: yesterday\n",
    smallest + "as_of: 2026-13-01\n",
    smallest + "shop: ''\n",
    smallest + "params: { max_nth: 0 }\n",
    smallest + "params: { lifecycle: guessed }\n",
    smallest + "params: { cohort: { grain: [month, hour] } }\n",
    smallest + "tables: [no_such_table]\n",
    database % "[no_such_table]",
    database % "all",
    "job: a\ninputs: { orders: { path: data, columns: { no_such_column: x } } }\n",
]:
    check(repr(wrong), wrong, job, False)
check("a rule without requirements", "assessment: a\nperiod: quarter\n", rules, False)
check("stages without rules", "metrics: { growth: [depth] }\n", stages, False)
check("an unknown stage", "rules: [{ stage: youth }]\n", stages, False)
check("an unknown figure", "rules: [{ stage: growth, when: { growth: { at_least: 1 } } }]\n", stages, False)
check("an unknown metric", "rules: [{ stage: growth }]\nmetrics: { growth: [luck] }\n", stages, False)
check("a share of 1", "strategy: a\nwhere: TRUE\ncontrol_share: 1\n", strategy, False)

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
