# The runner of type exec, as nixpkgs pins it: its makers have archived it, so that there is no newer one.
# Its licence is PolyForm Small Business, which nixpkgs calls unfree: the flake allows this one package by name.
{ pkgs }: pkgs.drone-runner-exec
