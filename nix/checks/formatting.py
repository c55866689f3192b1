"""How .nix files look here: two spaces a level, no tabs, nothing behind a line, one newline at the end, at most 140 characters, no two empty lines in a row."""

from pathlib import Path

WIDTH = 140


def complaints(path: Path, text: str) -> list[str]:
    """What is wrong with the layout of one file, as `path:line: what`."""
    found: list[str] = []
    lines = text.split("\n")
    if lines[-1] != "" or text.endswith("\n\n"):
        found.append(f"{path}: must end with one newline")
    for number, line in enumerate(lines, start=1):
        where = f"{path}:{number}"
        if "\t" in line:
            found.append(f"{where}: a tab: indent with two spaces a level")
        if line != line.rstrip():
            found.append(f"{where}: blanks at the end of the line")
        if (len(line) - len(line.lstrip(" "))) % 2:
            found.append(f"{where}: indentation is not a multiple of two")
        # A sentence of an option or an assertion is one string, and is not broken.
        if len(line) > WIDTH and "description = " not in line and "message = " not in line and "sentence = " not in line:
            found.append(f"{where}: longer than {WIDTH} characters")
        if number > 1 and line == "" and lines[number - 2] == "" and number < len(lines):
            found.append(f"{where}: two empty lines in a row")
    return found
