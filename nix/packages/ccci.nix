# The six commands, from the tarball that scripts/release makes (docs/install.md): bin/, and share/ with manual pages and completions, which
# lie in it where every shell of nixpkgs looks.
#
# They are not built here, since nixpkgs has no Swift that is new enough. Swift's own runtime is linked in; libyaml, libcrypto and
# libzstd are not, and are found by autoPatchelfHook; libcurl is loaded when it is needed.
{
  pkgs,
  pins ? import ./pins.nix,
}:
let
  inherit (pins.ccci) version url hash;
  name = "cc-ci-${version}-x86_64-linux.tar.gz";
  src =
    if url != null then
      pkgs.fetchurl { inherit url hash; }
    else
      pkgs.requireFile {
        inherit name hash;
        message = "put the tarball (docs/install.md) into the store: nix-store --add-fixed sha256 ${name}";
      };
in
if hash == null then
  import ./unpinned.nix {
    name = "cc-ci-${version}";
    sentence = "ccci: no release is pinned: make ${name} as docs/install.md says, and write its hash (nix hash file) and its url, if it has one, into nix/packages/pins.nix";
  }
else
  pkgs.stdenv.mkDerivation {
    pname = "cc-ci";
    inherit version src;
    sourceRoot = ".";
    nativeBuildInputs = [ pkgs.autoPatchelfHook ];
    buildInputs = [
      pkgs.libyaml
      pkgs.openssl
      pkgs.zstd
      pkgs.stdenv.cc.cc.lib
    ];
    runtimeDependencies = [ pkgs.curl ];
    dontBuild = true;
    installPhase = ''
      runHook preInstall
      root=$(dirname "$(find . -type d -name bin | head -n 1)")
      for command in run poll snap reconcile janitor alerts; do
        install -D -m 0755 "$root/bin/ccci-$command" "$out/bin/ccci-$command"
      done
      cp -r "$root/share" "$out/share"
      runHook postInstall
    '';
    doInstallCheck = true;
    installCheckPhase = ''
      for command in "$out"/bin/*; do
        "$command" --help >/dev/null
        name=$(basename "$command")
        # The fix-up before this phase may have compressed it.
        test -e "$out/share/man/man1/$name.1" || test -e "$out/share/man/man1/$name.1.gz"
        test -e "$out/share/bash-completion/completions/$name"
      done
    '';
    meta = {
      description = "Tests Co-op Cloud recipes on a real swarm";
      platforms = [ "x86_64-linux" ];
      mainProgram = "ccci-run";
    };
  }
