# The login at registries: docker's config.json, from the secrets. Pulls without one are limited, and look like a broken image when the
# limit is reached.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.dockerAuth;
in
{
  options.ccci.dockerAuth = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether root's docker, and with it every run, logs in at registries with the secret `docker_config`, a whole config.json.";
    };
    path = mkOption {
      type = types.path;
      default = "/root/.docker/config.json";
      example = "/root/.docker/config.json";
      description = "Where docker looks for it: runs take the one of root's home.";
    };
  };

  config = lib.mkIf (config.ccci.enable && cfg.enable) {
    assertions = [
      {
        assertion = lib.hasSuffix "/config.json" cfg.path;
        message = "ccci.dockerAuth.path: docker reads no other name: write a path that ends in /config.json";
      }
    ];
    ccci.secrets.docker_config = {
      class = "operator";
      readers = [
        "docker"
        "abra"
      ];
      description = "docker's config.json with the logins at registries";
      inherit (cfg) path;
    };
  };
}
