# The night: bring the host up to date, reconcile the shared apps, then test every enrolled recipe.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.nightly;
  host = config.ccci;
  duration = import ../lib/duration.nix { inherit lib; };
  inherit (host.reconcile) apps;
  # How many apps must come before this one: the night restarts them one by one, in this order.
  depth = name: lib.foldl' (deepest: other: lib.max deepest (1 + depth other)) 0 apps.${name}.after;
  inOrder = builtins.sort (one: other: depth one < depth other) (lib.attrNames apps);
  reconcilers = lib.optionals host.reconcile.enable (map (name: "ccci-reconcile-${name}.service") inOrder);
in
{
  options.ccci.nightly = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether the night's work is done.";
    };
    at = mkOption {
      type = types.str;
      default = "*-*-* 01:30:00";
      example = "Mon..Fri 02:00";
      description = "When it begins, as systemd.time(7) writes it.";
    };
    until = mkOption {
      type = types.strMatching "[0-2][0-9]:[0-5][0-9]";
      default = "06:00";
      example = "05:30";
      description = "When the sweep starts no further build.";
    };
    onlyNewer = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether only recipes with a version newer than the last tested are swept. Otherwise all are: a daily regression against the fresh host.";
    };
    wait = mkOption {
      type = types.strMatching duration.pattern;
      default = "75m";
      example = "2h";
      description = "How long it waits for runs in flight. After that the host is left as it is until the next night, and the sweep begins.";
    };
    sweep = mkOption {
      type = types.bool;
      default = host.poll.enable;
      defaultText = lib.literalExpression "config.ccci.poll.enable";
      example = false;
      description = "Whether the enrolled recipes are tested.";
    };
    rebuild = {
      enable = mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = "Whether the host fetches its own repository and switches to it.";
      };
      checkout = mkOption {
        type = types.path;
        default = "/srv/cc-ci";
        example = "/srv/cc-ci";
        description = "Clone of cc-ci's repository, with the submodule `secrets/private`. Only fast-forwards are taken.";
      };
      configuration = mkOption {
        type = types.str;
        default = "cc-ci";
        example = "cc-ci";
        description = "Name of this host in nix/flake.nix.";
      };
    };
  };

  config = lib.mkIf (host.enable && cfg.enable) {
    assertions = [
      {
        assertion = !cfg.sweep || host.poll.enable;
        message = "ccci.nightly.sweep: ccci-poll feeds the builds to Drone: set ccci.poll.enable, or turn the sweep off";
      }
      {
        assertion = cfg.rebuild.enable || reconcilers != [ ] || cfg.sweep;
        message = "ccci.nightly.enable: there is nothing to do in the night: set ccci.nightly.rebuild.enable, ccci.reconcile.enable or ccci.nightly.sweep, or turn this off";
      }
      {
        assertion = duration.seconds cfg.wait >= duration.seconds host.settings.run.deadline + duration.seconds host.settings.run.teardown;
        message = "ccci.nightly.wait: ${cfg.wait} is shorter than one run with its teardown, so that a run could put the rebuild off every night: write at least ccci.run.deadline and ccci.run.teardown together";
      }
    ];
    ccci.settings.nightly = {
      until = lib.mkDefault cfg.until;
      only_newer = lib.mkDefault cfg.onlyNewer;
    };

    systemd.services.cc-ci-nightly = {
      description = "cc-ci: the night's work";
      wants = [ "network-online.target" ];
      after = [
        "network-online.target"
        "docker.service"
        "cc-ci-swarm.service"
      ];
      path = [
        host.package
        config.systemd.package
      ]
      ++ host.tools;
      # The rebuild that it starts must not stop it.
      restartIfChanged = false;
      stopIfChanged = false;
      environment = {
        HOME = "/root";
        NIGHTLY_LOCK = "${host.settings.host.lock}/nightly";
        NIGHTLY_WAIT = toString (duration.seconds cfg.wait);
        NIGHTLY_REBUILD = lib.optionalString cfg.rebuild.enable "cc-ci-rebuild.service";
        NIGHTLY_RECONCILE = lib.concatStringsSep " " reconcilers;
        NIGHTLY_SWEEP = if cfg.sweep then "yes" else "no";
      };
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${host.hostScripts}/bin/cc-ci-nightly";
        TimeoutStartSec = "23h";
        KillMode = "mixed";
      };
    };
    systemd.timers.cc-ci-nightly = {
      description = "cc-ci: the night's work";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnCalendar = cfg.at;
        Persistent = true;
      };
    };

    # A unit of its own, so that it goes on whatever the switch does to the one that started it.
    systemd.services.cc-ci-rebuild = lib.mkIf cfg.rebuild.enable {
      description = "cc-ci: bring the host to its repository's state";
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      path = [
        config.nix.package
        config.systemd.package
        config.system.build.nixos-rebuild
      ]
      ++ host.tools;
      restartIfChanged = false;
      stopIfChanged = false;
      environment = {
        HOME = "/root";
        REBUILD_CHECKOUT = "${cfg.rebuild.checkout}";
        REBUILD_CONFIGURATION = cfg.rebuild.configuration;
      };
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${host.hostScripts}/bin/cc-ci-rebuild";
        TimeoutStartSec = "2h";
      };
    };
  };
}
