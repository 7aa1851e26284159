"""What the shell is offered on Tab, asked as bash and zsh ask."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def offered(living):
    """Ask for the completions of a line whose last word is being typed; give them as the shell reads them."""

    def ask(line: str, shell: str = "bash", **environment: str) -> list[str]:
        words = line.split(" ")
        own = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)} if shell == "bash" else {}
        done = subprocess.run(
            [sys.executable, "-c", "import sys; sys.argv[0] = 'shopctl'; from shopctl.__main__ import main; main()"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={
                **os.environ,
                "SHOPCTL_HOME": str(living),
                "_SHOPCTL_COMPLETE": f"complete_{shell}",
                "_TYPER_COMPLETE_ARGS": line,
                **own,
                **environment,
            },
        )
        assert done.stderr == ""
        return done.stdout.split()

    return ask


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("shopctl ord", {"order"}),
        ("shopctl product a", {"add", "archive", "activate"}),
        ("shopctl order list --pay", {"--payment"}),
        ("shopctl product list --js", {"--json"}),
        ("shopctl order list --next p", {"pay", "pick", "pack"}),
        ("shopctl product show M", {"MUG"}),
        ("shopctl order place C", {"CAP"}),
        ("shopctl order place MUG=1 C", {"CAP"}),
        ("shopctl stock receive MUG 1 --location wa", {"warehouse"}),
        ("shopctl order show 10", {"1001", "1002"}),
        ("shopctl order pay 1002", {"1002"}),
        ("shopctl order list --customer a", {"ada@example.org"}),
        ("shopctl notify preview order_p", {"order_placed"}),
        ("shopctl config set mail.ho", {"mail.host"}),
        ("shopctl product show Z", set()),
    ],
)
def test_bash_is_offered_what_begins_so(line, expected, offered):
    assert set(offered(line)) == expected


def test_zsh_is_offered_it_with_what_it_is(offered):
    told = "\n".join(offered("shopctl product show M", shell="zsh"))
    assert '"MUG":"Mug"' in told
    assert "1001" in "\n".join(offered("shopctl order show 1", shell="zsh"))
    assert "warehouse" in "\n".join(offered("shopctl stock show --location w", shell="zsh"))


def test_the_home_on_the_line_is_the_one_asked(offered, living, tmp_path):
    missing = str(tmp_path / "none")
    assert offered(f"shopctl product show --home {living} M", SHOPCTL_HOME=missing) == ["MUG"]


@pytest.mark.parametrize("line", ["shopctl product show M", "shopctl order show 1", "shopctl stock show --location m"])
def test_without_a_shop_nothing_is_offered_and_nothing_said(line, offered, tmp_path):
    assert offered(line, SHOPCTL_HOME=str(tmp_path / "none")) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_can_be_installed(shell, process):
    script = process("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert script.status == 0
    assert "_SHOPCTL_COMPLETE" in script.out
