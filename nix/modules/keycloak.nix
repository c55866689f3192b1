# The provider of logins that runs share: each gets a realm of its own in it, and takes it away again.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.keycloak;
in
{
  options.ccci.keycloak = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether this host keeps a keycloak for recipes that require one. Without it such a run brings up its own, which takes minutes.";
    };
    url = mkOption {
      type = types.str;
      default = "https://keycloak.${config.ccci.zone}";
      defaultText = lib.literalExpression "https://keycloak.<zone>";
      example = "https://keycloak.ci.example.org";
      description = "Its address. Runs make a realm in it, and take it away again.";
    };
    user = mkOption {
      type = types.str;
      default = "admin";
      example = "admin";
      description = "Its administrator.";
    };
    passwordFile = mkOption {
      type = types.path;
      default = "/run/secrets/keycloak_admin_password";
      example = "/run/secrets/keycloak_admin_password";
      description = "File with the administrator's password. The app gets the same one as its swarm secret.";
    };
    soak = mkOption {
      type = types.str;
      default = "5m";
      example = "10m";
      description = "How long it must stay healthy after an upgrade. It migrates its database at the first start.";
    };
    env = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        TIMEOUT = "900";
      };
      description = "More of its app `.env`, over what this module writes.";
    };
  };

  config = lib.mkIf (config.ccci.enable && cfg.enable) {
    assertions = [
      {
        assertion = builtins.match "https://[A-Za-z0-9.-]+" cfg.url != null;
        message = "ccci.keycloak.url: ${cfg.url}: the password goes there, and the app gets that domain: write https:// and a name, nothing else";
      }
    ];
    ccci.settings.keycloak = {
      url = lib.mkDefault cfg.url;
      user = lib.mkDefault cfg.user;
      password_file = lib.mkDefault cfg.passwordFile;
    };
    ccci.secrets.keycloak_admin_password = {
      class = "generated";
      readers = [
        "ccci-run"
        "ccci-janitor"
        "ccci-reconcile keycloak"
      ];
      description = "password of the administrator of the host's keycloak";
    };
    ccci.reconcile.apps.keycloak = {
      domain = lib.removePrefix "https://" cfg.url;
      env = {
        LETS_ENCRYPT_ENV = "";
      }
      // cfg.env;
      secrets = [
        {
          name = "admin_password";
          file = cfg.passwordFile;
        }
      ];
      stateful = true;
      health = "/realms/master";
      inherit (cfg) soak;
      after = lib.optional config.ccci.traefik.enable "traefik";
    };
  };
}
