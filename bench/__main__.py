"""`python -m bench [NAME …] [--full]`: each part measures one thing and answers figures by name."""

import argparse
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from bench import (
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
)

# A part's run(full=…) answers its figures by name, in the order in which they are shown.
PARTS: dict[str, Callable[..., dict[str, str]]] = {
    "loop": loop.run,
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
}


def main() -> None:
    """Run the parts that were asked for, all of them where none was, and print a table of each."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--full", action="store_true", help="the larger sizes too, which takes minutes")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")
    for name in asked.parts or PARTS:
        table = Table(title=name, title_justify="left", show_header=False)
        for what, figure in PARTS[name](full=asked.full).items():
            table.add_row(what, figure)
        Console().print(table)


if __name__ == "__main__":
    main()
