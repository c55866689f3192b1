# What stands for a package whose checksum is not known: its `unpinned` is the sentence that an assertion shows. It has a path, so that
# the settings can be looked at, and cannot be built.
{ name, sentence }:
{
  type = "derivation";
  inherit name;
  unpinned = sentence;
  outPath = "/nix/store/unpinned-${name}";
  drvPath = throw sentence;
}
