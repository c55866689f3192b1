# The proxy: the real recipe, with the wildcard certificate as swarm secrets and its file provider. No certificate is ever requested from
# anybody.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.traefik;
in
{
  options.ccci.traefik = {
    enable = mkOption {
      type = types.bool;
      default = config.ccci.enable;
      defaultText = lib.literalExpression "config.ccci.enable";
      example = false;
      description = "Whether this host has a proxy of its own. The secrets that it needs are declared, and it is reconciled if anything is.";
    };
    certificateFile = mkOption {
      type = types.path;
      default = "/run/secrets/wildcard_cert";
      example = "/run/secrets/wildcard_cert";
      description = "PEM file with the certificate of `*.<zone>` and its chain.";
    };
    keyFile = mkOption {
      type = types.path;
      default = "/run/secrets/wildcard_key";
      example = "/run/secrets/wildcard_key";
      description = "PEM file with its key.";
    };
    certificateVersion = mkOption {
      type = types.strMatching "v[0-9]+";
      default = "v1";
      example = "v2";
      description = "Raise it by one whenever the certificate is renewed.";
    };
    env = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        LOG_LEVEL = "INFO";
      };
      description = "More of its app `.env`, over what this module writes.";
    };
  };

  config = lib.mkIf (config.ccci.enable && cfg.enable) {
    assertions = [
      {
        assertion = cfg.certificateFile != cfg.keyFile;
        message = "ccci.traefik: the certificate and its key are one file: write the certificate and its chain into one, the key into another";
      }
    ];
    ccci.secrets.wildcard_cert = {
      class = "operator";
      readers = [ "ccci-reconcile traefik" ];
      description = "certificate of `*.<zone>` with its chain, PEM";
    };
    ccci.secrets.wildcard_key = {
      class = "operator";
      readers = [ "ccci-reconcile traefik" ];
      description = "its key, PEM";
    };
    ccci.reconcile.apps.traefik = {
      env = {
        LETS_ENCRYPT_ENV = "";
        WILDCARDS_ENABLED = "1";
        SECRET_WILDCARD_CERT_VERSION = cfg.certificateVersion;
        SECRET_WILDCARD_KEY_VERSION = cfg.certificateVersion;
        COMPOSE_FILE = "compose.yml:compose.wildcard.yml";
      }
      // cfg.env;
      secrets = [
        {
          name = "ssl_cert";
          file = cfg.certificateFile;
          version = cfg.certificateVersion;
        }
        {
          name = "ssl_key";
          file = cfg.keyFile;
          version = cfg.certificateVersion;
        }
      ];
      # What it serves at its own name depends on its dashboard: its own healthcheck counts.
      health = null;
    };
  };
}
