# What is fetched from outside nixpkgs, each with its checksum. A hash of null is not known yet: the host does not evaluate until it is, and
# says what to do. Hashes are in the form `sha256-…=`, as `nix store prefetch-file` and `nix hash file` print them.
{
  # The six commands: a tarball of a release build. Without a url it is put into the store by hand (docs/install.md).
  ccci = {
    version = "0.1.0";
    url = null;
    hash = null;
  };

  # The version that cc-ci was written against. `hash` is that of the unpacked source.
  abra = {
    version = "0.13.0-beta";
    hash = null;
  };
}
