# What the host needs and nixpkgs does not have in this form.
{
  pkgs,
  pins ? import ./pins.nix,
}:
{
  ccci = import ./ccci.nix { inherit pkgs pins; };
  abra = import ./abra.nix { inherit pkgs pins; };
  drone-runner-exec = import ./drone-runner-exec.nix { inherit pkgs; };
  host-scripts = import ./host-scripts.nix { inherit pkgs; };
}
