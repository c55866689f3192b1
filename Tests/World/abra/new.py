"""`abra app new`: a recipe's `.env.sample` becomes an app's `.env`."""

from __future__ import annotations

import envfile
import output
import places
import secrets_of_app
from app import App
from commandline import Call
from fatal import Fatal
from recipe import Recipe


def run(call: Call) -> None:
    name, version = call.arguments[0], call.argument(1) or ""
    domain, server = call.value("domain"), call.value("server")
    if not domain or not server:
        raise Fatal("no domain or server provided: --domain and --server are needed without a prompt")
    output.domain = domain
    path = places.servers() / server / f"{domain}.env"
    if not path.parent.is_dir():
        raise Fatal(f"server {server} doesn't exist?")
    if path.exists():
        raise Fatal(f"{path} already exists?")
    if version and call.on("chaos"):
        raise Fatal("cannot use [version] and --chaos together")
    recipe = Recipe(name)
    recipe.ensure(call, version)
    if not version and not call.on("chaos"):
        version = recipe.newest_annotated() or ""
        recipe.check_out(version or recipe.default_branch())
    sample = recipe.folder / ".env.sample"
    if not sample.is_file():
        raise Fatal(f"unable to validate recipe: {sample} does not exist?")
    path.write_text(sample.read_text())
    app = App(domain, path)
    envfile.set_line(path, "DOMAIN", domain)
    app.pin(recipe.chaos_version() if call.on("chaos") else version or recipe.short_head())
    output.table(["SERVER", "RECIPE", "DOMAIN"], [[server, name, domain]])
    if call.on("secrets"):
        made = secrets_of_app.generate_all(App(domain, path))
        output.table(["NAME", "VALUE"], [[secret.name, value] for secret, value in made])
    output.info(f"app {domain} created, deploy it with: abra app deploy {domain}")
