# abra at the one version that cc-ci was written against: nixpkgs has another, and its words and tables change between versions.
{
  pkgs,
  pins ? import ./pins.nix,
}:
let
  inherit (pins.abra) version hash;
in
if hash == null then
  import ./unpinned.nix {
    name = "abra-${version}";
    sentence = "abra: its source is not pinned: write the hash that `nix flake prefetch git+https://git.coopcloud.tech/toolshed/abra?ref=refs/tags/${version}` prints into nix/packages/pins.nix";
  }
else
  pkgs.buildGoModule {
    pname = "abra";
    inherit version;
    src = pkgs.fetchgit {
      url = "https://git.coopcloud.tech/toolshed/abra.git";
      rev = "refs/tags/${version}";
      inherit hash;
    };
    # Its dependencies are in its repository.
    vendorHash = null;
    subPackages = [ "cmd/abra" ];
    ldflags = [
      "-s"
      "-w"
      "-X main.Version=${version}"
    ];
    meta = {
      description = "The Co-op Cloud command line";
      mainProgram = "abra";
    };
  }
