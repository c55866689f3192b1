{
  description = "cc-ci: a host that tests Co-op Cloud recipes";

  # Used as git+file:///srv/cc-ci?dir=nix&submodules=1#cc-ci: the whole repository is the source, with the submodule that holds the secrets.
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    sops-nix = {
      url = "github:Mic92/sops-nix";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    {
      nixpkgs,
      sops-nix,
      ...
    }:
    let
      system = "x86_64-linux";
      # drone-runner-exec alone: PolyForm Small Business.
      allowUnfreePredicate = package: nixpkgs.lib.getName package == "drone-runner-exec";
      pkgs = import nixpkgs {
        inherit system;
        config = { inherit allowUnfreePredicate; };
      };
    in
    {
      packages.${system} = import ./packages { inherit pkgs; };

      nixosModules.default = {
        imports = [
          sops-nix.nixosModules.sops
          ./modules
        ];
      };

      nixosConfigurations.cc-ci = nixpkgs.lib.nixosSystem {
        modules = [
          sops-nix.nixosModules.sops
          ./modules
          ./hosts/cc-ci
          { nixpkgs.config = { inherit allowUnfreePredicate; }; }
        ];
      };
    };
}
