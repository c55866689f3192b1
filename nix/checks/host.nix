# A host with everything switched on: what the modules can say is said here once, so that all of it is checked.
{ ... }:
{
  networking.hostName = "cc-ci";
  networking.firewall.enable = true;
  virtualisation.docker.liveRestore = false;

  ccci = {
    enable = true;
    zone = "ci.example.org";
    forge.url = "https://git.example.org";
    settings.run.retention = "30d";
    settings.upgrade.skip_canonicals = true;
    sops.file = ./host.nix;
    sops.recoveryKey = "/root/recovery.age";
    reconcile.enable = true;
    keycloak.enable = true;
    drone = {
      enable = true;
      server = {
        enable = true;
        giteaDomain = "git.example.org";
        clientId = "6c582a78-65df-4d84-a9e4-aacaa25d222a";
        admin = "mira";
      };
    };
    droneRunner = {
      enable = true;
      capacity = 2;
      labels.swarm = "big";
    };
    poll = {
      enable = true;
      bot = "cc-ci-bot";
      repositories = [
        "recipes/notes"
        "recipes/cryptpad"
      ];
      allow = [ "mira" ];
      hook = {
        enable = true;
        register = true;
        address = "https://hook.ci.example.org/";
      };
    };
    nightly = {
      enable = true;
      rebuild.enable = true;
    };
    janitor.maxAge = "10m";
    dockerAuth.enable = true;
    registryMirror.enable = true;
    alerts.sinks = {
      mail = {
        command = [
          "/run/current-system/sw/bin/alert-by-mail"
          "root"
        ];
        heartbeat = true;
      };
      chat = {
        url = "https://chat.example.org/hook";
        tokenFile = "/run/secrets/chat_token";
      };
    };
  };
}
