# The scripts that units call, with an interpreter of the store. What they call they find on the unit's PATH.
{ pkgs }:
pkgs.runCommand "cc-ci-host-scripts" { nativeBuildInputs = [ pkgs.bash ]; } ''
  mkdir -p "$out/bin"
  install -m 0755 ${../scripts}/cc-ci-* "$out/bin/"
  install -m 0755 ${../../scripts/nightly} "$out/bin/cc-ci-nightly"
  patchShebangs "$out/bin"
''
