# The host cc-ci: what an operator changes. Names of example.org are to be replaced, all of them.
{ lib, ... }:
let
  keys = lib.filter (line: builtins.match "[a-z].* AAAA.*" line != null) (lib.splitString "\n" (builtins.readFile ./authorized_keys));
in
{
  imports = [ ./hardware.nix ];

  warnings = lib.optional (keys == [ ])
    "nix/hosts/cc-ci/authorized_keys: holds no key: after the switch only the console is left; put yours in";

  networking.hostName = "cc-ci";
  time.timeZone = "UTC";
  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };
  users.users.root.openssh.authorizedKeys.keyFiles = [ ./authorized_keys ];
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];
  # Of the release that the host was installed with. It stays when nixpkgs moves on.
  system.stateVersion = "26.05";

  ccci = {
    enable = true;
    zone = "ci.example.org";

    forge.url = "https://git.example.org";

    drone = {
      enable = true;
      url = "https://drone.ci.example.org";
      repository = "recipe-maintainers/cc-ci";
      # A server of this host. Without it: the address of the one that it is to work for, above.
      server = {
        enable = true;
        giteaDomain = "git.example.org";
        clientId = "00000000-0000-0000-0000-000000000000";
        admin = "mira";
      };
    };
    droneRunner.enable = true;

    poll = {
      enable = true;
      bot = "cc-ci-bot";
      repositories = [ "recipes/custom-html" ];
    };
    nightly = {
      enable = true;
      rebuild.enable = true;
      sweep = true;
    };

    dockerAuth.enable = true;

    # traefik, backup-bot-two, drone and keycloak: deployed, and kept at their newest safe versions.
    reconcile.enable = true;
    keycloak.enable = true;
  };
}
