# Alerts to people: each waiting alert once to each sink, and a line a day that all is well.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.alerts;
  host = config.ccci;
  duration = import ../lib/duration.nix { inherit lib; };
  unit = description: verb: {
    inherit description;
    wants = [ "network-online.target" ];
    after = [ "network-online.target" ];
    path = host.tools;
    environment.HOME = "/root";
    serviceConfig = {
      Type = "oneshot";
      ExecStart = "${host.package}/bin/ccci-alerts ${verb}";
      TimeoutStartSec = "10min";
    };
  };
  beats = lib.any (sink: sink.heartbeat) (lib.attrValues cfg.sinks);
in
{
  options.ccci.alerts = {
    every = mkOption {
      type = types.strMatching duration.pattern;
      default = "60s";
      example = "5m";
      description = "Pause between two relays.";
    };
    sinks = mkOption {
      default = { };
      example = {
        chat = {
          url = "https://chat.example.org/hook";
          tokenFile = "/run/secrets/chat_token";
          heartbeat = true;
        };
      };
      description = "Where alerts go, by names of your choice. Without one they wait on the shelf until somebody lists them.";
      type = types.attrsOf (
        types.submodule {
          options = {
            command = mkOption {
              type = types.listOf types.str;
              default = [ ];
              example = [
                "/run/current-system/sw/bin/alert-by-mail"
                "root"
              ];
              description = "Program with its arguments that gets each alert on standard input, as one line of JSON.";
            };
            url = mkOption {
              type = types.nullOr types.str;
              default = null;
              example = "https://chat.example.org/hook";
              description = "Address that each alert is POSTed to, as JSON.";
            };
            tokenFile = mkOption {
              type = types.nullOr types.path;
              default = null;
              example = "/run/secrets/chat_token";
              description = "File with the bearer token for the address.";
            };
            heartbeat = mkOption {
              type = types.bool;
              default = false;
              example = true;
              description = "Whether it gets one line a day that all is well: silence is then a message.";
            };
          };
        }
      );
    };
  };

  config = lib.mkIf host.enable {
    assertions = lib.concatLists (
      lib.mapAttrsToList (name: sink: [
        {
          assertion = builtins.match "[a-z0-9_-]+" name != null && name != "retry";
          message = "ccci.alerts.sinks.${name}: no name for a table of settings.toml: write lower-case letters, digits, hyphens and underscores";
        }
        {
          assertion = (sink.command != [ ]) != (sink.url != null);
          message = "ccci.alerts.sinks.${name}: an alert goes to a program or to an address: set command or url, one of them";
        }
        {
          assertion = sink.tokenFile == null || sink.url != null;
          message = "ccci.alerts.sinks.${name}.tokenFile: a program gets no token: set url, or take it out";
        }
      ]) cfg.sinks
    );
    warnings = lib.optional (cfg.sinks == { })
      "ccci.alerts.sinks: there is none: alerts wait on the shelf until somebody calls ccci-alerts";
    ccci.settings.alerts = lib.mapAttrs (
      _: sink:
      lib.optionalAttrs (sink.command != [ ]) { inherit (sink) command; }
      // lib.optionalAttrs (sink.url != null) { inherit (sink) url; }
      // lib.optionalAttrs (sink.tokenFile != null) { token_file = sink.tokenFile; }
      // lib.optionalAttrs sink.heartbeat { heartbeat = true; }
    ) cfg.sinks;

    # Without a sink the command stops with 72: there is nothing to start then.
    systemd.services.ccci-alerts-relay = lib.mkIf (cfg.sinks != { }) (unit "cc-ci: alerts to people" "relay");
    systemd.timers.ccci-alerts-relay = lib.mkIf (cfg.sinks != { }) {
      description = "cc-ci: alerts to people";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = "3min";
        OnUnitInactiveSec = cfg.every;
        AccuracySec = "1s";
      };
    };
    systemd.services.ccci-alerts-heartbeat = lib.mkIf beats (unit "cc-ci: a line that all is well" "heartbeat");
    systemd.timers.ccci-alerts-heartbeat = lib.mkIf beats {
      description = "cc-ci: a line that all is well";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        # The command itself sees to it that it is one a day; a sink that was away is tried again.
        OnCalendar = "hourly";
        Persistent = true;
      };
    };
  };
}
