# The janitor on a timer: removes what dead runs left while no new run begins, and watches the disk.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.janitor;
  host = config.ccci;
  duration = import ../lib/duration.nix { inherit lib; };
in
{
  options.ccci.janitor = {
    enable = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Whether the janitor runs by itself. Every run begins with its first part in any case.";
    };
    every = mkOption {
      type = types.strMatching duration.pattern;
      default = "5m";
      example = "15m";
      description = "Pause between two passes.";
    };
    maxAge = mkOption {
      type = types.nullOr (types.strMatching duration.pattern);
      default = null;
      example = "30m";
      description = "Runs younger than this are left alone, on hosts that want a floor. Orphans are known by their lock, never by age.";
    };
  };

  config = lib.mkIf (host.enable && cfg.enable) {
    assertions = [
      {
        assertion = duration.seconds cfg.every >= 60;
        message = "ccci.janitor.every: ${cfg.every} would list the whole swarm without a pause: write at least 60s";
      }
    ];
    systemd.services.ccci-janitor = {
      description = "cc-ci: remove what dead runs left";
      after = [ "docker.service" ];
      requires = [ "docker.service" ];
      path = host.tools;
      environment = {
        HOME = "/root";
      }
      // lib.optionalAttrs (cfg.maxAge != null) { CCCI_JANITOR_MAX_AGE = cfg.maxAge; };
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${host.package}/bin/ccci-janitor";
        TimeoutStartSec = "30min";
        # A removal that is under way is better ended than cut off.
        KillMode = "mixed";
        TimeoutStopSec = "10min";
      };
    };
    systemd.timers.ccci-janitor = {
      description = "cc-ci: remove what dead runs left";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = "2min";
        OnUnitInactiveSec = cfg.every;
      };
    };
  };
}
