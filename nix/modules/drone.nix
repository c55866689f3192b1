# Drone: where it is, its server as a shared app of this host if it lives here, and the settings of cc-ci's repository in it.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.drone;
  host = config.ccci;
  duration = import ../lib/duration.nix { inherit lib; };
  runSeconds = duration.seconds host.settings.run.deadline + duration.seconds host.settings.run.teardown;
in
{
  options.ccci.drone = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether runs are builds of a Drone server.";
    };
    url = mkOption {
      type = types.str;
      default = "https://drone.${host.zone}";
      defaultText = lib.literalExpression "https://drone.<zone>";
      example = "https://drone.example.org";
      description = "The server's address.";
    };
    tokenFile = mkOption {
      type = types.path;
      default = "/run/secrets/drone_token";
      example = "/run/secrets/drone_token";
      description = "File with the bot's token: rights to write on cc-ci's repository, no administrator.";
    };
    adminTokenFile = mkOption {
      type = types.path;
      default = "/run/secrets/drone_admin_token";
      example = "/run/secrets/drone_admin_token";
      description = "File with an administrator's token. Only the setting of the build's time limit needs it: for others Drone ignores the change and answers 200.";
    };
    repository = mkOption {
      type = types.str;
      default = "recipe-maintainers/cc-ci";
      example = "recipe-maintainers/cc-ci";
      description = "cc-ci's own repository in Drone, as owner/name: builds are its builds.";
    };
    branch = mkOption {
      type = types.strMatching "[A-Za-z0-9_./-]+";
      default = "main";
      example = "main";
      description = "Branch of it that builds of recipes are made of: its `.drone.yml` and its `tests/` count.";
    };
    buildTimeout = mkOption {
      type = types.ints.positive;
      default = 60;
      example = 90;
      description = "Minutes after which Drone kills a build. It must leave a run the time to tear down.";
    };
    server = {
      enable = mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = "Whether the server is an app of this host, of the recipe drone, with logins by Gitea.";
      };
      giteaDomain = mkOption {
        type = types.str;
        default = "";
        example = "git.example.org";
        description = "Gitea that people log in with.";
      };
      clientId = mkOption {
        type = types.str;
        default = "";
        example = "6c582a78-65df-4d84-a9e4-aacaa25d222a";
        description = "Id of the OAuth application in Gitea. Its redirect URI is <url>/login.";
      };
      admin = mkOption {
        type = types.str;
        default = "";
        example = "mira";
        description = "Login of the first administrator.";
      };
      env = mkOption {
        type = types.attrsOf types.str;
        default = { };
        example = {
          TIMEOUT = "300";
        };
        description = "More of its app `.env`, over what this module writes. The names are the recipe's: compare them with its `.env.sample`.";
      };
    };
  };

  config = lib.mkIf (host.enable && cfg.enable) {
    assertions = [
      {
        assertion = builtins.match "https://[A-Za-z0-9.-]+(:[0-9]+)?" cfg.url != null;
        message = "ccci.drone.url: ${cfg.url}: the token goes there, and the runner asks that host: write https:// and a name, without a path";
      }
      {
        assertion = builtins.match "[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+" cfg.repository != null;
        message = "ccci.drone.repository: ${cfg.repository} names no repository: write owner/name";
      }
      {
        assertion = cfg.buildTimeout * 60 >= runSeconds;
        message = "ccci.drone.buildTimeout: Drone would kill a run before its teardown has ended: write at least ${toString ((runSeconds + 59) / 60)} minutes, or shorten ccci.run.deadline";
      }
      {
        assertion = !cfg.server.enable || (cfg.server.giteaDomain != "" && cfg.server.clientId != "" && cfg.server.admin != "");
        message = "ccci.drone.server: giteaDomain, clientId and admin are needed: make an OAuth application in Gitea with the redirect URI ${cfg.url}/login, and write its id there";
      }
    ];

    ccci.settings.drone = {
      url = lib.mkDefault cfg.url;
      token_file = lib.mkDefault cfg.tokenFile;
      repository = lib.mkDefault cfg.repository;
      branch = lib.mkDefault cfg.branch;
      timeout = lib.mkDefault "${toString cfg.buildTimeout}m";
    };
    ccci.secrets = {
      drone_token = {
        class = "operator";
        readers = [
          "ccci-run"
          "ccci-poll"
        ];
        description = "the bot's token for Drone, with rights to write on cc-ci's repository";
      };
      drone_admin_token = {
        class = "operator";
        readers = [ "cc-ci-drone-settings" ];
        description = "an administrator's token for Drone";
      };
      drone_rpc_secret = {
        class = "generated";
        readers = [
          "drone-runner-exec"
          "ccci-reconcile drone"
        ];
        description = "what the runner and the server know one another by";
        restartUnits = lib.optional host.droneRunner.enable "drone-runner-exec.service";
      };
    }
    // lib.optionalAttrs cfg.server.enable {
      drone_client_secret = {
        class = "operator";
        readers = [ "ccci-reconcile drone" ];
        description = "secret of the OAuth application in Gitea";
      };
    };

    ccci.reconcile.apps = lib.mkIf cfg.server.enable {
      drone = {
        domain = lib.removePrefix "https://" cfg.url;
        env = {
          LETS_ENCRYPT_ENV = "";
          COMPOSE_FILE = "compose.yml:compose.gitea.yml";
          GITEA_DOMAIN = cfg.server.giteaDomain;
          GITEA_CLIENT_ID = cfg.server.clientId;
          DRONE_USER_CREATE = "username:${cfg.server.admin},admin:true";
        }
        // cfg.server.env;
        secrets = [
          {
            name = "rpc_secret";
            file = "/run/secrets/drone_rpc_secret";
          }
          {
            name = "client_secret";
            file = "/run/secrets/drone_client_secret";
          }
        ];
        stateful = true;
        health = "/healthz";
        # An upgrade would end builds that are running: people choose when.
        update = "hold";
        after = lib.optional host.traefik.enable "traefik";
      };
    };

    systemd.services.cc-ci-drone-settings = {
      description = "cc-ci: the settings of its repository in Drone";
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ] ++ lib.optional (cfg.server.enable && host.reconcile.enable) "ccci-reconcile-drone.service";
      path = host.tools;
      environment = {
        HOME = "/root";
        DRONE_URL = cfg.url;
        DRONE_REPOSITORY = cfg.repository;
        DRONE_TIMEOUT = toString cfg.buildTimeout;
        DRONE_TOKEN_FILE = cfg.adminTokenFile;
      };
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${host.hostScripts}/bin/cc-ci-drone-settings";
        TimeoutStartSec = "3min";
      };
    };
    # Somebody changes it in the web page, somebody makes the repository anew: it is put right again every day.
    systemd.timers.cc-ci-drone-settings = {
      description = "cc-ci: the settings of its repository in Drone";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = "10min";
        OnUnitActiveSec = "1d";
      };
    };
  };
}
