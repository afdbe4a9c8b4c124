"""The command line: one group is imported, errors become one line and an exit code."""

import json
import subprocess
import sys
import types
from collections.abc import Callable

import pytest

from broker.cli import main as command_line
from broker.errors import CandourError, IntegrityError, PositionError, UsageError


def group_that(act: Callable[[], int]) -> types.ModuleType:
    module = types.ModuleType("broker.cli.codes")
    module.register = lambda subparsers: subparsers.add_parser("codes").set_defaults(run=lambda _: act())  # type: ignore[attr-defined]
    return module


def run_with(act: Callable[[], int], patch: pytest.MonkeyPatch) -> int:
    patch.setitem(sys.modules, "broker.cli.codes", group_that(act))
    return command_line.main(["codes"])


def raising(error: BaseException) -> Callable[[], int]:
    def act() -> int:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("a"), 2), (IntegrityError("a"), 3), (PositionError("a"), 71)]
)
def test_an_error_of_ours_is_one_line_and_its_exit_code(
    error: CandourError,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_with(raising(error), monkeypatch) == code
    assert capsys.readouterr().err == "candour: a\n"


def test_control_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_with(raising(KeyboardInterrupt()), monkeypatch) == 130


def test_a_package_that_agencies_do_without_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ModuleNotFoundError("No module named 'faust'", name="faust")

    assert run_with(raising(missing), monkeypatch) == 2
    assert "candour[broker]" in capsys.readouterr().err


def test_a_module_of_ours_that_is_missing_is_a_fault_and_not_an_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ModuleNotFoundError):
        run_with(raising(ModuleNotFoundError("x", name="broker.gone")), monkeypatch)


def test_a_command_imports_its_own_group_only() -> None:
    program = (
        "import sys; from broker.cli.main import main; main(['codes', '--json']); "
        "print([name for name in sys.modules if name.startswith('broker.cli.')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "['broker.cli.main', 'broker.cli.codes']"


def test_every_code_is_printed_with_its_list_and_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["codes", "--json"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["list"] for line in lines} == {"alerts", "reasons", "rejections", "notices", "markings"}
    assert all(line["code"] and line["meaning"].endswith((".", ")")) for line in lines)


def test_the_help_starts_without_anything_that_an_agency_does_not_install() -> None:
    program = (
        "import sys, importlib.abc\n"
        "class Refuse(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'faust', 'yaml', 'rich', 'psutil', 'aiohttp'}:\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "from broker.cli.main import main\n"
        "sys.exit(main(['--help']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    for command in ("up", "down", "status", "agency", "codes"):
        assert command in done.stdout
