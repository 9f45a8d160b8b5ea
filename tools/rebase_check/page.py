"""Writes what the rebase check found as one page for a browser."""

import os
import pathlib

import jinja2

from tools.rebase_check.report import Findings
from tools.rebase_check.report import summary
from tools.refusal import WrongUsage


def refuse_page(path: pathlib.Path) -> None:
    """Refuses a path that no page can be written to; said before the work, not behind it.

    Raises:
        WrongUsage: its folder is not there or may not be written to, or it is a folder itself.
    """
    found = "a folder" if path.is_dir() else "" if path.absolute().parent.is_dir() else "no such folder"
    target = path if path.exists() else path.absolute().parent
    if not found and not os.access(target, os.W_OK):
        found = f"no permission to write to {target}"
    if found:
        todo = "name a file in a folder that is there"
        raise WrongUsage(f"--html {path}", expected="a file that can be written", found=found, todo=todo)


def write_html(findings: Findings, source: str, path: pathlib.Path) -> None:
    """Writes one page that needs nothing else: no script, no font, no picture from elsewhere."""
    template = pathlib.Path(__file__).with_name("report.html.j2").read_text(encoding="utf-8")
    env = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    page = env.from_string(template).render(found=findings, source=source, summary=summary(findings))
    path.write_text(page, encoding="utf-8")
