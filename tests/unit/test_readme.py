"""What README.md tells people to type, open and install is there."""

import re
from pathlib import Path

import pytest

from broker.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

TYPED = re.compile(r"(?<![\w/.-])(?:\.venv/bin/)?candour((?: [a-z]+(?![\w./-]))+)((?: --[a-z-]+)?)")
CODE = "\n".join(
    [
        *re.findall(r"^    .*$", README, re.MULTILINE),
        *re.findall(r"```.*?```", README, re.DOTALL),
        *re.findall(r"`[^`\n]+`", README),
    ]
)
COMMANDS = sorted({(words.strip(), option.strip()) for words, option in TYPED.findall(CODE)})


def test_the_readme_names_commands() -> None:
    named = {words for words, _ in COMMANDS}
    assert named >= {"demo", "up", "status", "down", "explain", "codes", "agency publish", "agency receive"}


@pytest.mark.parametrize(("words", "option"), COMMANDS)
def test_every_command_in_the_readme_exists(
    words: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--help"])
    assert ended.value.code == 0, words
    assert option in capsys.readouterr().out


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z]+)\b", CODE))
    assert targets >= {"demo", "test"}
    assert [one for one in targets if not re.search(rf"^{one}:", makefile, re.MULTILINE)] == []


def test_every_place_the_readme_points_to_exists() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    places = [*links, *re.findall(r"`((?:broker|docs|schemas|policies|tests)/[^`]*)`", README)]
    assert links
    assert [one for one in places if not (ROOT / one).exists()] == []
