"""Every alert has its page, each in the same parts, and every command on it is one that `candour` takes."""

import re
import shlex
from pathlib import Path

import pytest

from broker.cli.main import _parser
from tests.unit.deploy.promtool import ROOT, RUNBOOKS, alerts

PAGES = sorted(RUNBOOKS.glob("Candour*.md"))
HEADINGS = ["What it means", "Who is affected", "Look first", "Do", "Do not", "It is over when"]
COMMAND = re.compile(r"^\s*candour .*$", re.MULTILINE)
INLINE = re.compile(r"`(candour [^`]*)`")
LONGEST_LINES = 70


def commands(text: str) -> list[str]:
    """Every command line, from blocks and from sentences, without the placeholders' brackets."""
    blocks = "\n".join(re.findall(r"```\n(.*?)```", text, re.DOTALL))
    outside = re.sub(r"```\n.*?```", "", text, flags=re.DOTALL)
    found = [line.strip() for line in COMMAND.findall(blocks)] + INLINE.findall(outside)
    return sorted(set(found))


def test_every_alert_has_a_page_of_its_name_and_every_page_an_alert() -> None:
    assert [page.stem for page in PAGES] == alerts()


def test_the_list_of_pages_names_each() -> None:
    listed = re.findall(r"\]\((Candour\w+)\.md\)", (RUNBOOKS / "README.md").read_text())
    assert sorted(listed) == alerts()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_has_the_same_parts_and_can_be_read_at_night(page: Path) -> None:
    text = page.read_text()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert len(text.splitlines()) <= LONGEST_LINES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_on_a_page_is_one_that_candour_takes(page: Path) -> None:
    found = commands(page.read_text())
    assert found
    for command in found:
        words = shlex.split(command, comments=True)[1:]
        try:
            _parser(words).parse_args(words)
        except SystemExit as ended:
            raise AssertionError(command) from ended


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_place_a_page_points_to_exists(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    assert [one for one in links if not (page.parent / one).exists()] == []


@pytest.mark.parametrize(
    "page", [ROOT / "docs" / "operations.md", RUNBOOKS / "README.md"], ids=lambda page: page.stem
)
def test_every_command_in_the_guide_exists_too(page: Path) -> None:
    for command in commands(page.read_text()):
        group = re.sub(r"[A-Z\[|,].*", "", command).split()[1:2]
        assert group
        with pytest.raises(SystemExit) as ended:
            _parser(group).parse_args([*group, "--help"])
        assert ended.value.code == 0, command
