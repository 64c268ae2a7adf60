"""What became of a suite as a table for people: the generated part of docs/reference/LANGUAGE.md."""

BEGIN = "<!-- made by tests/images/run; do not edit below -->"


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def why(result):
    """Each skip and failure of a row, with its reason."""
    if "not_loaded" in result:
        return f"does not load: {cell(result['not_loaded'])}"
    if "skipped_whole" in result:
        return f"skipped as a whole: {cell(result['skipped_whole'])}"
    parts = [f"{len(tests)} failed: {cell(reason)}" for reason, tests in result["failed"].items()]
    parts += [f"{count} skipped: {cell(reason)}" for reason, count in result["skipped"].items()]
    return "; ".join(parts)


def numbers(result):
    if "failed" not in result:
        return 0, 0, 0, 0
    return (result["tests"], result["passed"], sum(result["skipped"].values()),
            sum(len(tests) for tests in result["failed"].values()))


def total(results):
    return tuple(map(sum, zip((0, 0, 0, 0), *map(numbers, results))))


def table(rows, results):
    """`rows`: of {"of", "tests"}."""
    lines = ["| what | tests of | run | passed | skipped | failed | why |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        for name in row["tests"]:
            run, passed, skipped, failed = numbers(results[name])
            lines.append(f"| {row['of']} | `{name}` | {run} | {passed} | {skipped} | {failed} | {why(results[name])} |")
    return lines


def tests(count):
    return f"{count:,} test{'' if count == 1 else 's'}"


def causes(results, kinds, reasons):
    """What fails by its cause, most tests first. `kinds`: name -> heading."""
    by = {}
    for name, result in results.items():
        if "not_loaded" in result:
            by.setdefault(result["not_loaded"], []).append((name, None))
        for reason, failed in result.get("failed", {}).items():
            by.setdefault(reason, []).append((name, len(failed)))
    lines = []
    for kind, heading in kinds.items():
        found = [(reason, where) for reason, where in by.items() if reasons.get(reason) == kind]
        if not found:
            continue
        lines += ["", f"### {heading}", "", "| why | tests |", "| --- | --- |"]
        for reason, where in sorted(found, key=lambda one: (-sum(count or 0 for _, count in one[1]), one[0])):
            whole = sum(count is None for _, count in where)
            parts = [tests(sum(count or 0 for _, count in where))] if whole < len(where) else []
            parts += [f"{whole} whole module{'' if whole == 1 else 's'}"] if whole else []
            lines.append(f"| {cell(reason)} | {', '.join(parts)} |")
    return lines


def generated(results, groups, kinds, reasons):
    """The part behind BEGIN. `groups`: [(heading, rows)]; `reasons`: reason -> kind."""
    run, passed, skipped, failed = total(results["modules"].values())
    said = f"{results['suite']}, on the image `{results['image'][:12]}`: {tests(run)}, {passed:,} passed, {skipped:,} skipped, {failed:,} failed"
    for kind, what in (("not_loaded", "do not load"), ("skipped_whole", "are skipped as a whole")):
        count = sum(kind in one for one in results["modules"].values())
        said += f"; {count} modules of tests {what}" if count else ""
    lines = [BEGIN, "", "## Results", "", said + "."]
    lines += causes(results["modules"], kinds, reasons)
    for heading, rows in groups:
        lines += ["", f"### {heading}", "", *table(rows, results["modules"])]
    return "\n".join(lines) + "\n"
