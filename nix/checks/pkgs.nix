# A stub of nixpkgs' packages: each is a path below `store` that the check fills with programs. `python3.withPackages` and the builders
# answer with a package too. A name that is not in the list does not exist here, and stops the evaluation.
{ store }:
let
  fake = name: {
    type = "derivation";
    inherit name;
    outPath = "${store}/${name}";
    drvPath = "${store}/${name}.drv";
    overrideAttrs = change: fake name // { changed = builtins.attrNames (change { }); };
  };
  names = [
    "autoPatchelfHook"
    "bash"
    "coreutils"
    "curl"
    "docker"
    "drone-runner-exec"
    "findutils"
    "gawk"
    "git"
    "git-lfs"
    "gnugrep"
    "gnused"
    "gnutar"
    "gzip"
    "jq"
    "libyaml"
    "nix"
    "nixos-rebuild"
    "openssh"
    "openssl"
    "procps"
    "systemd"
    "util-linux"
    "xz"
    "zstd"
  ];
  made = arguments: fake (arguments.pname or arguments.name) // { inherit arguments; };
in
builtins.listToAttrs (map (name: { inherit name; value = fake name; }) names)
// {
  python3 = fake "python3" // {
    withPackages = choose: fake "python3-with-${builtins.concatStringsSep "-" (choose { pytest = "pytest"; })}";
  };
  stdenv = {
    cc.cc.lib = fake "gcc-lib";
    mkDerivation = made;
  };
  runCommand =
    name: attributes: script:
    fake name // { inherit attributes script; };
  buildGoModule = made;
  fetchurl = arguments: fake "fetched" // { inherit arguments; };
  fetchgit = arguments: fake "fetched" // { inherit arguments; };
  requireFile = arguments: fake arguments.name // { inherit arguments; };
}
