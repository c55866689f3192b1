# All of cc-ci's modules: one file a concern.
{
  imports = [
    ./ccci.nix
    ./secrets.nix
    ./swarm.nix
    ./docker-auth.nix
    ./docker-prune.nix
    ./registry-mirror.nix
    ./reconcile.nix
    ./traefik.nix
    ./keycloak.nix
    ./drone.nix
    ./backupbot.nix
    ./drone-runner.nix
    ./poll.nix
    ./nightly.nix
    ./janitor.nix
    ./alerts.nix
  ];
}
