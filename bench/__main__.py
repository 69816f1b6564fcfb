"""`python -m bench [NAME …] [--full]`: each part measures one thing and answers figures by name."""

import argparse
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench import (
    checks,
    claims,
    clauses,
    export,
    extraction,
    footprint,
    imports,
    insights,
    lists,
    loop,
    pages,
    reading,
    rechecks,
)

# A part's run(full=…) answers its figures by name, in the order in which they are shown.
PARTS: dict[str, Callable[..., dict[str, str]]] = {
    "loop": loop.run,
    "checks": checks.run,
    "claims": claims.run,
    "clauses": clauses.run,
    "export": export.run,
    "extraction": extraction.run,
    "footprint": footprint.run,
    "imports": imports.run,
    "insights": insights.run,
    "lists": lists.run,
    "pages": pages.run,
    "reading": reading.run,
    "rechecks": rechecks.run,
}


def main() -> None:
    """Run the parts that were asked for, all of them where none was, and print a table of each."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--full", action="store_true", help="the larger sizes too, which takes minutes")
    parser.add_argument(
        "--worst", type=int, default=0, metavar="N", help="of checks: N examples of each miss"
    )
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")
    if asked.worst and asked.parts != ["checks"]:
        parser.error("--worst is of checks alone: python -m bench checks --worst 10")
    options = {"full": asked.full} | ({"worst": asked.worst} if asked.worst else {})
    for name in asked.parts or PARTS:
        table = Table(title=name, title_justify="left", show_header=False)
        for what, figure in PARTS[name](**options).items():
            table.add_row(escape(what), escape(figure))
        Console().print(table)


if __name__ == "__main__":
    main()
