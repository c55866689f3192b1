# The runner: takes builds from Drone and runs their steps as root on this host.
#
# A cancelled build kills a step's shell and nothing else: what ccci-run does then, and its guard, is in its own hands. This unit must not
# add accidents: a switch never restarts it, a stop lets the run in flight end, and what is left of an earlier life is removed before it
# takes the first build.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.droneRunner;
  host = config.ccci;
  duration = import ../lib/duration.nix { inherit lib; };
  packages = import ../packages { inherit pkgs; };
  runSeconds = duration.seconds host.settings.run.deadline + duration.seconds host.settings.run.teardown;
  isLocal = builtins.match "(127\\.[0-9.]+|\\[::1]|localhost):[0-9]+" cfg.listen != null;
in
{
  options.ccci.droneRunner = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether this host runs builds.";
    };
    package = mkOption {
      type = types.package;
      default = packages.drone-runner-exec;
      defaultText = lib.literalExpression "pkgs.drone-runner-exec";
      example = lib.literalExpression "pkgs.drone-runner-exec";
      description = "The runner.";
    };
    capacity = mkOption {
      type = types.ints.between 1 64;
      default = 1;
      example = 2;
      description = "Runs at the same time. The one knob: it is the runner's capacity, and the number of slots that runs and promotes share.";
    };
    name = mkOption {
      type = types.str;
      default = config.networking.hostName;
      defaultText = lib.literalExpression "config.networking.hostName";
      example = "cc-ci";
      description = "Its name in Drone.";
    };
    labels = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        swarm = "big";
      };
      description = "Labels that a pipeline's `node` must equal exactly. A runner with labels gets no build without them.";
    };
    limitRepos = mkOption {
      type = types.listOf types.str;
      default = [ host.drone.repository ];
      defaultText = lib.literalExpression "[ config.ccci.drone.repository ]";
      example = [ "recipe-maintainers/cc-ci" ];
      description = "Repositories whose builds it takes. Steps are root on this host: cc-ci's own, and no other.";
    };
    limitEvents = mkOption {
      type = types.listOf types.str;
      default = [
        "custom"
        "push"
      ];
      example = [ "custom" ];
      description = "Events whose builds it takes.";
    };
    listen = mkOption {
      type = types.str;
      default = "127.0.0.1:3000";
      example = "127.0.0.1:3001";
      description = "Where its status page listens. The runner's own choice is every address of the host.";
    };
    secretFile = mkOption {
      type = types.path;
      default = "/run/secrets/drone_rpc_secret";
      example = "/run/secrets/drone_rpc_secret";
      description = "File with the secret that it shares with the server.";
    };
  };

  config = lib.mkIf (host.enable && cfg.enable) {
    assertions = [
      {
        assertion = host.drone.enable;
        message = "ccci.droneRunner.enable: it has no server: set ccci.drone.enable and ccci.drone.url";
      }
      {
        assertion = cfg.limitRepos != [ ];
        message = "ccci.droneRunner.limitRepos: an empty list means every repository of the server, as root on this host: name cc-ci's own";
      }
      {
        assertion = cfg.limitEvents != [ ] && !(lib.elem "pull_request" cfg.limitEvents);
        message = "ccci.droneRunner.limitEvents: whoever opens a pull request of cc-ci would be root on this host: write [ \"custom\" \"push\" ]";
      }
      {
        assertion = isLocal;
        message = "ccci.droneRunner.listen: ${cfg.listen} can be reached from outside, and asks nobody for a password: write 127.0.0.1:3000";
      }
      {
        assertion = builtins.match ".*[,:].*" (lib.concatStringsSep "" (lib.attrNames cfg.labels ++ lib.attrValues cfg.labels)) == null;
        message = "ccci.droneRunner.labels: a comma or a colon would be read as the next label: leave them out";
      }
    ];
    ccci.settings.run.capacity = lib.mkDefault cfg.capacity;

    systemd.services.drone-runner-exec = {
      description = "cc-ci: the Drone runner";
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
      ];
      path = [
        host.package
        cfg.package
      ]
      ++ host.tools;
      # A switch in the middle of a run would end it: it is restarted by hand, or by a reboot.
      restartIfChanged = false;
      environment = {
        HOME = "/root";
        DRONE_RPC_PROTO = "https";
        DRONE_RPC_HOST = lib.removePrefix "https://" host.drone.url;
        DRONE_RUNNER_NAME = cfg.name;
        DRONE_RUNNER_CAPACITY = toString host.settings.run.capacity;
        DRONE_RUNNER_ROOT = "/var/lib/drone-runner-exec";
        # What steps find: the runner passes on PATH and USER, and nothing else of its own.
        DRONE_RUNNER_PATH = "/run/current-system/sw/bin:${lib.makeBinPath ([ host.package ] ++ host.tools)}";
        DRONE_LIMIT_REPOS = lib.concatStringsSep "," cfg.limitRepos;
        DRONE_LIMIT_EVENTS = lib.concatStringsSep "," cfg.limitEvents;
        DRONE_HTTP_BIND = cfg.listen;
      }
      // lib.optionalAttrs (cfg.labels != { }) {
        DRONE_RUNNER_LABELS = lib.concatStringsSep "," (lib.mapAttrsToList (name: value: "${name}:${value}") cfg.labels);
      };
      serviceConfig = {
        # What a reboot or a killed runner left; a failure of it must not keep the host from testing.
        ExecStartPre = "-${host.package}/bin/ccci-janitor";
        ExecStart = "${host.hostScripts}/bin/cc-ci-runner";
        LoadCredential = "rpc_secret:${cfg.secretFile}";
        StateDirectory = "drone-runner-exec";
        StateDirectoryMode = "0700";
        Restart = "always";
        RestartSec = "10s";
        # TERM goes to the runner alone: it takes no new build and lets the run end. KILL comes when even a hanging run must have ended.
        KillMode = "mixed";
        TimeoutStartSec = "20min";
        TimeoutStopSec = runSeconds + 300;
      };
    };
  };
}
