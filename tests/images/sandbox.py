"""Runs code in an image as users do: by `caisson exec`, with limits that leave room for a test."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

ROOMY = ["--memory", "1536MB", "--timeout", "5m", "--limit", "cpu=unlimited,log=64MB,result=64MB,input=64MB"]


WORKFLOW = """
processors:
  - id: tests
    type: map
    concurrency: 2
    item_errors: keep
    body:
      - id: one
        type: code
        file: {file}
        language: {language}
        limits: {{timeout: 5m, cpu: 90s, memory: 512MB}}
"""


class Failed(Exception):
    """The call gave no value; `lines` is what the code logged before."""

    def __init__(self, message, lines):
        super().__init__(message)
        self.lines = lines


def call(binary, language, code, imports=()):
    """The value of a piece of code, as text. What it logs as errors is in `Failed` when there is no value."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "code"
        file.write_text(code, encoding="utf-8")
        command = [str(binary), "exec", "--lang", language, *ROOMY, *(["--import", ",".join(imports)] if imports else []), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode != 0:
        lines = done.stderr.splitlines()
        message = next((line for line in reversed(lines) if line.strip()), f"exit code {done.returncode}")
        raise Failed(message, lines)
    return done.stdout


def run_map(binary, language, name, code, items):
    """The value of `code` for each of `items`, in a sandbox of its own; what failed is {"error": ...}."""
    with tempfile.TemporaryDirectory() as folder:
        for file, text in ((name, code), ("flow.yaml", WORKFLOW.format(file=name, language=language)), ("items", json.dumps(items))):
            (Path(folder) / file).write_text(text, encoding="utf-8")
        command = [str(binary), "run", "--quiet", "--plain", "--input-file", "items", "flow.yaml"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, cwd=folder)
    if done.returncode != 0:
        raise Failed(done.stderr.strip()[-2000:], done.stderr.splitlines())
    return json.loads(done.stdout)


def run_nodes(binary, language, codes):
    """(None, its value as text) or (the reason of its error, what it says) of each code, which is a node of a workflow."""
    limits = {"timeout": "5m", "cpu": "90s", "memory": "512MB"}
    nodes = [{"id": f"node{number}", "type": "code", "language": language, "file": f"code{number}", "limits": limits}
             for number in range(len(codes))]
    with tempfile.TemporaryDirectory() as folder:
        for number, code in enumerate(codes):
            (Path(folder) / f"code{number}").write_text(code, encoding="utf-8", errors="surrogatepass")
        file = Path(folder) / "flow.json"
        file.write_text(json.dumps({"failure_strategy": "best_effort", "processors": nodes}), encoding="utf-8")
        command = [str(binary), "run", "--json", "--plain", "--no-input", "--max-concurrency", "2", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    try:
        answers = {node["id"]: node for node in json.loads(done.stdout)["nodes"]}
    except (ValueError, KeyError):
        raise Failed((done.stderr or done.stdout).strip()[-2000:], done.stderr.splitlines()) from None
    return [answer_of(answers[f"node{number}"]) for number in range(len(codes))]


def answer_of(node):
    if node["state"] == "succeeded":
        return None, node["output"]
    said = node["error"]["message"]
    return node["error"]["reason"], said.partition(" failed: ")[2] or said
