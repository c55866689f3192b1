"""A shell's completions of a command, as the command makes them, and with its default verb, which may be left out.

Usage: completions.py COMMAND bash|zsh|fish      COMMAND: a built one. Prints the script.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SHELLS = ("bash", "zsh", "fish")

# The words behind the command's name are what they would be with the verb written out. A first word that is still being typed and is
# no flag may become a verb, so it stays as it is.
BASH = """
_@NAME@_with_default() {
    local first="${COMP_WORDS[1]}"
    case " @VERBS@ " in
    *" ${first} "*) ;;
    *)
        if [[ "${COMP_CWORD}" -gt 1 || "${first}" = -* ]]; then
            local COMP_LINE="${COMP_WORDS[0]} @DEFAULT@${COMP_LINE#"${COMP_WORDS[0]}"}"
            local -i COMP_POINT=$((COMP_POINT + 1 + @LENGTH@))
            local -a COMP_WORDS=("${COMP_WORDS[0]}" @DEFAULT@ "${COMP_WORDS[@]:1}")
            local -i COMP_CWORD=$((COMP_CWORD + 1))
        fi
        ;;
    esac
    _@NAME@ "${@}"
}
complete -o filenames -F _@NAME@_with_default @NAME@
"""

ZSH = """
_@NAME@() {
    local -ar verbs=(@VERBS@)
    if (( ! ${verbs[(Ie)${words[2]}]} )) && [[ "${CURRENT}" -gt 2 || "${words[2]}" = -* ]]; then
        words=("${words[1]}" @DEFAULT@ "${(@)words[2,-1]}")
        (( CURRENT++ ))
    fi
    __@NAME@_as_typed "${@}"
}
"""

FISH = """
functions --copy __@NAME@_tokens __@NAME@_tokens_as_typed
function __@NAME@_tokens
    set -l tokens (__@NAME@_tokens_as_typed $argv)
    if not contains -- "$tokens[2]" @VERBS@
        and begin
            test (count $tokens) -gt 1
            or string match -q -- '-*' (commandline -t)
        end
        set tokens $tokens[1] @DEFAULT@ $tokens[2..]
    end
    printf '%s\\n' $tokens
end
"""


def stop(code: int, what: str, hint: str) -> None:
    print(f"completions: {what}\ncompletions: hint: {hint}", file=sys.stderr)
    sys.exit(code)


def said(command: Path, *arguments: str) -> str:
    return subprocess.run([command, *arguments], check=True, capture_output=True, text=True).stdout


def with_default(script: str, shell: str, command: dict[str, Any]) -> str:
    """The script, knowing that the default verb may be left out."""
    default, name = command["defaultSubcommand"], command["commandName"]
    verbs = " ".join(one["commandName"] for one in command["subcommands"] if one["shouldDisplay"])
    more = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]
    for word, value in (("NAME", name), ("VERBS", verbs), ("DEFAULT", default), ("LENGTH", str(len(default)))):
        more = more.replace(f"@{word}@", value)
    if shell != "zsh":
        return script + more
    # Autoloaded, the file defines the function of its name anew: ours must be the one that has it.
    head, found, rest = script.partition(f"\n_{name}() {{\n")
    end = rest.rindex("\nif [[ ")
    if not found:
        stop(65, f"{name}: the script for zsh has no function _{name}", "scripts/release.d/completions.py must learn its new form")
    return f"{head}\n__{name}_as_typed() {{\n{rest[:end]}{more}{rest[end:]}"


def main() -> None:
    if len(sys.argv) != 3 or sys.argv[2] not in SHELLS:
        stop(64, f"takes a built command and one of {', '.join(SHELLS)}", "scripts/release calls it")
    built, shell = Path(sys.argv[1]), sys.argv[2]
    script = said(built, "--generate-completion-script", shell)
    command = json.loads(said(built, "--experimental-dump-help"))["command"]
    print(with_default(script, shell, command) if "defaultSubcommand" in command else script, end="")


if __name__ == "__main__":
    main()
