# A pull-through cache of Docker Hub on this host. Off: it pays when several hosts pull the same images, or when Docker Hub limits them
# (docs/scaling.md).
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.registryMirror;
in
{
  options.ccci.registryMirror = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether this host keeps copies of what it pulls from Docker Hub, and pulls through them.";
    };
    listen = mkOption {
      type = types.str;
      default = "127.0.0.1";
      example = "10.0.0.5";
      description = "Address that it listens on. Other hosts need one that they can reach, and a firewall that lets only them in: it asks nobody for a password.";
    };
    port = mkOption {
      type = types.port;
      default = 5000;
      example = 5000;
      description = "Port that it listens on.";
    };
    upstream = mkOption {
      type = types.str;
      default = "https://registry-1.docker.io";
      example = "https://registry-1.docker.io";
      description = "Registry that it copies. Docker asks a mirror for Docker Hub's images only.";
    };
  };

  config = lib.mkIf (config.ccci.enable && cfg.enable) {
    assertions = [
      {
        assertion = lib.hasPrefix "https://" cfg.upstream;
        message = "ccci.registryMirror.upstream: ${cfg.upstream}: write an https:// address, images that come over an open line can be anybody's";
      }
    ];
    services.dockerRegistry = {
      enable = true;
      listenAddress = cfg.listen;
      inherit (cfg) port;
      enableDelete = true;
      enableGarbageCollect = true;
      extraConfig.proxy.remoteurl = cfg.upstream;
    };
    virtualisation.docker.daemon.settings.registry-mirrors = [ "http://${cfg.listen}:${toString cfg.port}" ];
  };
}
