# What the design has and the commands do not have yet. An entry counts only as long as docs/settings.md and docs/commands/ say nothing of
# it: then it can go.
{
  # Keys of settings.toml: a module may set them, and they are left out of the file.
  settings = [
    { key = "[forge] bot"; }
    { key = "[forge] repositories"; }
    { key = "[forge] allow"; }
    { key = "[drone] repository"; }
    { key = "[drone] branch"; }
    { key = "[drone] timeout"; }
    { key = "[hook] secret_file"; }
    { key = "[hook] address"; }
  ];

  # Command lines that units name, of commands without a page in docs/commands/.
  commands = [
    { line = "ccci-poll once [--json]"; }
    { line = "ccci-poll hook"; }
    { line = "ccci-poll hooks reconcile"; }
    { line = "ccci-poll sweep"; }
  ];
}
