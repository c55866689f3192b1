# One shared app as a systemd unit and a table of the settings: `ccci-reconcile <app>` at boot, whenever its settings change, and in the
# night.
#
# A oneshot that stays active: a switch starts it again only when its settings changed, so that the nightly has to restart it by name.
{ lib, config }:
let
  host = config.ccci;
  duration = import ./duration.nix { inherit lib; };
in
name: app: {
  # What `[reconcile.<app>]` says. A key that is null is not written.
  settings = {
    inherit (app)
      recipe
      domain
      env
      stateful
      health
      soak
      update
      ;
    secrets = map (secret: { inherit (secret) name file version; }) app.secrets;
  };

  unit = {
    description = "cc-ci: reconcile ${name}";
    wantedBy = [ "multi-user.target" ];
    requires = [ "docker.service" ];
    wants = [
      "network-online.target"
      "cc-ci-swarm.service"
    ];
    after = [
      "docker.service"
      "network-online.target"
      "cc-ci-swarm.service"
    ]
    ++ map (other: "ccci-reconcile-${other}.service") app.after;
    path = host.tools;
    environment.HOME = "/root";
    restartTriggers = [ (builtins.toJSON app) ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "${host.package}/bin/ccci-reconcile ${name}";
      # First the wait for runs in flight, then undeploy, snapshot, deploy, soak, and all of it again for a roll-back.
      TimeoutStartSec = duration.seconds host.reconcile.wait + 2 * duration.seconds app.soak + 7200;
      # One signal, to the command alone: it decides what its children may finish.
      KillMode = "mixed";
      TimeoutStopSec = "10min";
    };
  };
}
