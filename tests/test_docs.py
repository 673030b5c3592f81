"""The documentation site builds, is complete, and needs nothing from the internet."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from fairgrade.cli import app
from fairgrade.course.course import Assignment, Course, LatePolicy, Limits

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_reference_has_every_command_and_setting(site: Path) -> None:
    page = (site / "reference.html").read_text()
    for name, command in get_command(app).commands.items():
        assert f"<code>fairgrade {name}" in page
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert f"<code>{parameter.opts[0]}" in page, (name, parameter.opts)
    for model in (Course, Assignment, Limits, LatePolicy):
        for setting in set(model.model_fields) - {"root"}:
            assert f"<code>{setting}</code>" in page


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 5
    for page in pages:
        loads = re.findall(
            r'<(?:link|script|img|iframe)[^>]+(?:src|href)="?(//|https?:)[^>]*>',
            page.read_text(),
        )
        assert not loads, page


def test_the_readme_has_every_command() -> None:
    named = re.findall(r"^\| `\./run (\w+)", _text("README.md"), re.M)
    assert sorted(named) == sorted(get_command(app).commands)


def test_the_readmes_pages_are_there() -> None:
    links = re.findall(r"\]\(([\w/.-]+\.md)\)", (ROOT / "README.md").read_text())
    assert len(links) > 4
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_commands_and_options_on_the_pages_exist() -> None:
    known = {
        name: {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        for name, command in get_command(app).commands.items()
    }
    own = set(re.findall(r"^  ([a-z]+)\)$", _text("run"), re.M))
    pages = ["README.md", "CONTRIBUTING.md"]
    pages += [f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")]
    seen = set()
    for page in pages:
        # In a block, or between backticks: with a word that is no part of a sentence.
        lines = re.findall(
            r"(?:^ *|`)(fairgrade|\./run) ([a-z]+)\b([^`\n]*)", _text(page), re.M
        )
        for program, name, rest in lines:
            if program == "./run" and name in own:
                continue
            assert name in known, (page, name)
            options = set(re.findall(r"(?<!\S)--[a-z-]+", rest.partition(" #")[0]))
            assert options <= known[name], (page, name, options - known[name])
            seen.add(name)
    assert seen == set(known)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_table_of_both_graders_is_that_of_the_measurements(page: str) -> None:
    """It repeats docs/hostile.md and docs/benchmarks.md, which programs write."""
    told = re.findall(
        r"^\| (.+) \| ([\d. a-z]+) \| ([\d. a-z]+) \|$", _text(page), re.M
    )
    hostile = re.findall(
        r"^\| (.+) \| (\d+) \| (\d+) \|$", _text("docs/hostile.md"), re.M
    )
    measured = {what: (stock, ours) for what, stock, ours in hostile}
    assert len(told) == 6
    for what, stock, ours in told[:4]:
        assert measured[what.rpartition(": ")[2]] == (stock, ours)
    count = re.search(r"^\| (\d+) submissions \|", _text("docs/hostile.md"), re.M)
    assert count and f"[{count[1]} broken" in _text(page)
    row = re.search(r"^\| 100 \|.*$", _text("docs/benchmarks.md"), re.M)
    assert row is not None
    cells = [cell.strip() for cell in row[0].split("|")]
    stock = cells[3].removesuffix(" (scaled)")
    assert told[4][1:] == (stock, cells[4])
    assert told[5][1:] == (stock, cells[6])
    assert told[4][0].endswith(f"from {cells[9]} of them")


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")
