#!/usr/bin/env python3
"""docs/reference/workflow.md is api/workflow.schema.json as tables.

  tools/check_schema.py          whether the page is that of the schema
  tools/check_schema.py --write  writes the page
"""

import argparse
import json
from pathlib import Path

import source_tree

SCHEMA = "api/workflow.schema.json"
PAGE = "docs/reference/workflow.md"

HEAD = """# Workflow definitions

Every name that a definition may have, made from [workflow.schema.json](../../api/workflow.schema.json) by `tools/check_schema.py
--write`; `caisson schema` prints the schema. What else can be written, and how the forms compare:
[definitions](../guide/definitions.md). A name without a value counts as absent.

An editor completes and checks a definition that begins with
`# yaml-language-server: $schema=workflow.schema.json`.
"""

PARTS = {
    "limits": "[Policy](policy.md) has the defaults, and what an operator allows.",
    "grants": "[Policy](policy.md) has their forms, and what an operator allows.",
}


def kind_of(schema):
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        links = {"limits": "[limits](#limits)", "grants": "[grants](#grants)", "node": "[node](#node)",
                 "schema": "[JSON Schema](schema.md)", "policy": "limits and grants",
                 "leafPolicy": "limits, grants, max_concurrency", "directory": "directory", "url": "URL"}
        return links.get(name, name)
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        kinds = [kind_of(part) for part in schema["anyOf"]]
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind))
    kind = schema.get("type", "")
    if isinstance(kind, list):
        return " or ".join(words(one, schema) for one in kind)
    return words(kind, schema)


def words(kind, schema):
    if kind == "array":
        inner = kind_of(schema.get("items", {}))
        return f"list of {inner}" if inner else "list"
    if kind == "number" and schema.get("multipleOf") == 1:
        kind = "whole number"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{kind} from {low} to {high}"
    return f"{kind} from {low}" if low is not None else {"object": "map", "string": "text", "boolean": "true or false"}.get(kind, kind)


def rows(properties, prefix="", required=()):
    for name, schema in properties.items():
        kind = kind_of(schema).replace("|", "\\|")
        text = schema.get("description", "").replace("|", "\\|")
        if not text and "$ref" in schema:
            text = {"limits": "How much a sandboxed node may use", "grants": "What it may touch"}.get(
                schema["$ref"].rsplit("/", 1)[-1], "")
        if name in required:
            text = f"{text}; required" if text else "required"
        yield f"| `{prefix}{name}` | {kind} | {text} |"
        if schema.get("type") == "object" and "properties" in schema:
            yield from rows(schema["properties"], f"{prefix}{name}.", schema.get("required", ()))


def table(properties, required=()):
    return ["| name | value | meaning |", "| --- | --- | --- |", *rows(properties, required=required), ""]


def page(schema):
    node = schema["definitions"]["node"]
    lines = [HEAD, "## Workflow", "", *table(schema["properties"], schema["required"])]
    lines += ["## Node", "", node["description"] + ".", ""]
    lines += table({name: value for name, value in node["properties"].items() if "x-types" not in value}, node["required"])
    types = sorted({kind for value in node["properties"].values() for kind in value.get("x-types", [])})
    for kind in types:
        lines += [f"### Of type {kind}", ""]
        lines += table({name: value for name, value in node["properties"].items() if kind in value.get("x-types", [])})
    for name, text in PARTS.items():
        part = schema["definitions"][name]
        lines += [f"## {name.capitalize()}", "", f"{part['description']}. {text}", "", *table(part["properties"])]
    return "\n".join(lines)


def check(root, wanted):
    path = root / PAGE
    if not path.exists():
        return [f"{PAGE}: missing; tools/check_schema.py --write makes it"]
    if path.read_text(encoding="utf-8") != wanted:
        return [f"{PAGE} is not what {SCHEMA} says; tools/check_schema.py --write makes it"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=source_tree.project_root(), help="the tree to look at")
    parser.add_argument("--write", action="store_true", help="write the page")
    arguments = parser.parse_args()
    wanted = page(json.loads((arguments.root / SCHEMA).read_text(encoding="utf-8")))
    if arguments.write:
        (arguments.root / PAGE).write_text(wanted, encoding="utf-8")
    source_tree.finish(check(arguments.root, wanted), f"{PAGE} is that of {SCHEMA}")


if __name__ == "__main__":
    main()
