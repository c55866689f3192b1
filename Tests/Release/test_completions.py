"""Completions, asked of the shells themselves."""

import subprocess
from pathlib import Path

import pytest
from conftest import BINARIES, COMMANDS

# What readline would show for the words, of which the last one is being typed.
BASH = """
. "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=9
COMP_POINT=${#COMP_LINE}
function=$(complete -p "$1" | sed -E 's/.* -F ([^ ]+) .*/\\1/')
"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""

# What the file, autoloaded as compinit does it, hands to zsh's own calls: those are stand-ins that print it.
ZSH = """
fpath=("$1" $fpath); shift
_describe() { print -rl -- "${(@)${(@P)@[-1]}%%:*}" }
_arguments() {
  local one
  for one in "${@[5,-1]}"; do
    case "$one" in
      *'->arg'*) if (( CURRENT > 2 )); then state=arg; words=("${(@)words[2,-1]}"); (( CURRENT-- )); fi ;;
      *'->command'*) if (( CURRENT == 2 )); then state=command; fi ;;
      *) print -r -- "${${one#\\(*\\)}%%\\[*}" ;;
    esac
  done
}
autoload -Uz "_$1"
# The first call loads the file; from the second on the shell has what the file made of itself.
local turn
for turn in 1 2; do
  words=("$@") CURRENT=$#
  (( turn == 2 )) && print -- ---
  "_$1"
done
"""


def typed(line: str) -> list[str]:
    """`ccci-run no` → its words; a blank at the end begins a new one."""
    return line.split() + ([""] if line.endswith(" ") else [])


def offered(unpacked: Path, shell: str, line: str) -> set[str]:
    command, share = typed(line)[0], unpacked / "share"
    if shell == "bash":
        call = ["bash", "-c", BASH, "bash", f"{share}/bash-completion/completions/{command}", *typed(line)]
    elif shell == "zsh":
        call = ["zsh", "-f", "-c", ZSH, "zsh", f"{share}/zsh/site-functions", *typed(line)]
    else:
        script = "source $argv[1]; complete -C $argv[2] | cut -f 1"
        call = ["fish", "--no-config", "-c", script, f"{share}/fish/vendor_completions.d/{command}.fish", line]
    environment = {"PATH": f"{BINARIES}:/usr/bin:/bin", "HOME": str(unpacked)}
    done = subprocess.run(call, capture_output=True, text=True, check=False, env=environment)
    assert done.stderr == "", done.stderr
    answer = done.stdout
    if shell == "zsh":
        first, answer = answer.split("---\n")
        assert first == answer, "the first call and those after it differ"
    return set(answer.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "there", "absent"),
    [
        ("ccci-snap ", {"create", "restore", "verify", "list", "promote", "prune"}, {"guard"}),
        ("ccci-snap create demo --", {"--verify", "--recipe", "--json"}, {"--dry-run"}),
        ("ccci-run ", {"start", "plan", "propose", "list", "show"}, {"guard"}),
        # The default verb is left out.
        ("ccci-run --", {"--quick", "--or-cold", "--ref", "--keep"}, {"-n"}),
        ("ccci-run notes --", {"--quick", "--tiers"}, set()),
        ("ccci-run notes --pr 12 --", {"--quick", "--tiers"}, set()),
        ("ccci-run start notes --", {"--quick", "--keep"}, set()),
        # Another verb is not the default one.
        ("ccci-run plan notes --", {"--quick", "--ref"}, {"--keep", "--die-with-parent"}),
        ("ccci-alerts --", {"--check", "--seen"}, {"--all", "--now"}),
        ("ccci-alerts ack --", {"--all"}, {"--check"}),
        ("ccci-janitor --", {"--dry-run", "--json"}, set()),
        ("ccci-reconcile keycloak --", {"--check", "--json"}, set()),
        ("ccci-poll hooks ", {"reconcile"}, {"once"}),
    ],
)
def test_what_is_offered(unpacked: Path, shell: str, line: str, there: set[str], absent: set[str]) -> None:
    found = {word.partition("{")[0] or word for word in offered(unpacked, shell, line)}
    assert there <= found and not absent & found, sorted(found)


@pytest.mark.parametrize("shell", ["bash", "fish"])
@pytest.mark.parametrize(
    ("line", "only"), [("ccci-run --qu", {"--quick"}), ("ccci-snap pr", {"promote", "prune"}), ("ccci-run pro", {"propose"})])
def test_what_is_typed_narrows_it(unpacked: Path, shell: str, line: str, only: set[str]) -> None:
    assert offered(unpacked, shell, line) == only


@pytest.mark.parametrize("name", COMMANDS)
def test_scripts_parse(unpacked: Path, name: str) -> None:
    share = unpacked / "share"
    subprocess.run(["bash", "-n", share / "bash-completion/completions" / name], check=True)
    subprocess.run(["zsh", "-f", "-n", share / "zsh/site-functions" / f"_{name}"], check=True)
    subprocess.run(["fish", "--no-config", "--no-execute", share / "fish/vendor_completions.d" / f"{name}.fish"], check=True)
    assert (share / "zsh/site-functions" / f"_{name}").read_text().startswith(f"#compdef {name}\n")
