# Comments to builds: one pass of `ccci-poll` every half minute, and a webhook as a hint, if wanted.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.poll;
  host = config.ccci;
  isRepository = name: builtins.match "[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+" name != null;
  duration = import ../lib/duration.nix { inherit lib; };
  # It talks to the git host and to Drone, and writes to the shelf: it needs neither docker nor anybody's home.
  confined = {
    NoNewPrivileges = true;
    PrivateTmp = true;
    ProtectHome = true;
    ProtectSystem = "strict";
    ProtectKernelTunables = true;
    ProtectKernelModules = true;
    ProtectControlGroups = true;
    # The last one is for looking up names.
    RestrictAddressFamilies = "AF_INET AF_INET6 AF_UNIX AF_NETLINK";
    ReadWritePaths = [
      host.settings.host.shelf
      host.settings.host.lock
    ];
  };
in
{
  options.ccci.poll = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether `!testme` on pull requests of the enrolled repositories is answered.";
    };
    repositories = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "recipes/cryptpad" ];
      description = "Repositories of the git host whose comments are read, as owner/name.";
    };
    bot = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "cc-ci-bot";
      description = "Account that the token must belong to: another one's comments would be taken for commands of people.";
    };
    allow = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "mira" ];
      description = "Who may ask for runs beside the members of a repository's owner: logins, or numeric ids as text.";
    };
    every = mkOption {
      type = types.strMatching duration.pattern;
      default = "30s";
      example = "60s";
      description = "Pause between two passes.";
    };
    hook = {
      enable = mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = "Whether webhooks of the git host are taken as a hint to look at one repository now. Nothing is lost without.";
      };
      listen = mkOption {
        type = types.str;
        default = "127.0.0.1:8099";
        example = "172.18.0.1:8099";
        description = "Address and port of the socket. What brings the git host's request there, with TLS, is not part of cc-ci.";
      };
      address = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "https://hook.ci.example.org/";
        description = "Address that the git host sends deliveries to, as it sees it from outside.";
      };
      register = mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = "Whether the webhook of every repository is made and repaired, once a day. The bot's token then needs admin rights on them, which it should not have: by hand is better.";
      };
      secretFile = mkOption {
        type = types.path;
        default = "/run/secrets/hook_secret";
        example = "/run/secrets/hook_secret";
        description = "File with the secret of the webhook: a delivery that is not signed with it is refused.";
      };
    };
  };

  config = lib.mkIf (host.enable && cfg.enable) {
    assertions = [
      {
        assertion = host.forge.url != null;
        message = "ccci.poll.enable: there is no git host to ask: set ccci.forge.url and its token";
      }
      {
        assertion = host.drone.enable;
        message = "ccci.poll.enable: there is no server to give builds to: set ccci.drone.enable and ccci.drone.url";
      }
      {
        assertion = cfg.repositories != [ ] && lib.all isRepository cfg.repositories;
        message = "ccci.poll.repositories: nobody's comments would be read, or a name is none: list the repositories as owner/name";
      }
      {
        assertion = builtins.match "([0-9.]+|\\[[0-9a-f:]+]):[0-9]+" cfg.hook.listen != null;
        message = "ccci.poll.hook.listen: ${cfg.hook.listen} is no address with a port: write for example 127.0.0.1:8099";
      }
      {
        assertion = !cfg.hook.register || (cfg.hook.enable && cfg.hook.address != null);
        message = "ccci.poll.hook.register: the git host must be told where to send deliveries: set ccci.poll.hook.enable and ccci.poll.hook.address, or turn it off";
      }
      {
        assertion = builtins.match "(0\\.0\\.0\\.0|\\[::]):.*" cfg.hook.listen == null;
        message = "ccci.poll.hook.listen: every address of this host would take requests without TLS: write the one that your proxy reaches";
      }
    ];
    ccci.secrets = lib.mkIf cfg.hook.enable {
      hook_secret = {
        class = "generated";
        readers = [ "ccci-poll hook" ];
        description = "what webhooks are signed with; the same value stands in the git host's webhook";
      };
    };
    ccci.settings.hook = lib.mkIf cfg.hook.enable (
      {
        secret_file = lib.mkDefault cfg.hook.secretFile;
      }
      // lib.optionalAttrs (cfg.hook.address != null) { address = lib.mkDefault cfg.hook.address; }
    );
    ccci.settings.forge = {
      repositories = lib.mkDefault cfg.repositories;
    }
    // lib.optionalAttrs (cfg.bot != null) { bot = lib.mkDefault cfg.bot; }
    // lib.optionalAttrs (cfg.allow != [ ]) { allow = lib.mkDefault cfg.allow; };

    systemd.services.ccci-poll = {
      description = "cc-ci: one pass over the pull requests";
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      path = host.tools;
      environment.HOME = "/root";
      serviceConfig = confined // {
        Type = "oneshot";
        ExecStart = "${host.package}/bin/ccci-poll once";
        # Another pass is under way.
        SuccessExitStatus = "75";
        # Drone has answered after 45 s: a pass with several triggers may take minutes.
        TimeoutStartSec = "15min";
      };
    };
    systemd.timers.ccci-poll = {
      description = "cc-ci: passes over the pull requests";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = "1min";
        OnUnitInactiveSec = cfg.every;
        AccuracySec = "1s";
      };
    };

    systemd.services.ccci-poll-hooks = lib.mkIf cfg.hook.register {
      description = "cc-ci: the webhooks of the repositories";
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      path = host.tools;
      environment = {
        HOME = "/root";
        WEBHOOK_AUTOREGISTER = "1";
      };
      serviceConfig = confined // {
        Type = "oneshot";
        ExecStart = "${host.package}/bin/ccci-poll hooks reconcile";
        TimeoutStartSec = "15min";
      };
    };
    systemd.timers.ccci-poll-hooks = lib.mkIf cfg.hook.register {
      description = "cc-ci: the webhooks of the repositories";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = "15min";
        OnUnitActiveSec = "1d";
      };
    };

    systemd.sockets.ccci-poll-hook = lib.mkIf cfg.hook.enable {
      description = "cc-ci: webhooks";
      wantedBy = [ "sockets.target" ];
      socketConfig = {
        ListenStream = cfg.hook.listen;
        Accept = true;
        MaxConnections = 8;
        # The address of docker's bridge is there only when docker is.
        FreeBind = true;
      };
    };
    systemd.services."ccci-poll-hook@" = lib.mkIf cfg.hook.enable {
      description = "cc-ci: one webhook";
      path = host.tools;
      environment.HOME = "/root";
      serviceConfig = confined // {
        ExecStart = "${host.package}/bin/ccci-poll hook";
        StandardInput = "socket";
        StandardOutput = "socket";
        StandardError = "journal";
        RuntimeMaxSec = "15min";
      };
    };
  };
}
