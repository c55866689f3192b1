# The docker engine, the one-node swarm, the network of the proxy, abra's server, and the ports that are open.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.swarm;
  host = config.ccci;
  prefix = lib.toInt (lib.head (lib.filter lib.isString (builtins.match ".*/([0-9]+)" cfg.subnet)));
in
{
  options.ccci.swarm = {
    enable = mkOption {
      type = types.bool;
      default = config.ccci.enable;
      defaultText = lib.literalExpression "config.ccci.enable";
      example = false;
      description = "Whether this host's docker engine and swarm are ours to set up. Without it both must be there, with the network of the proxy.";
    };
    advertise = mkOption {
      type = types.str;
      default = "127.0.0.1";
      example = "10.0.0.5";
      description = "Address that the swarm's manager advertises and listens on. One node needs no address that others can reach.";
    };
    proxy = mkOption {
      type = types.str;
      default = "proxy";
      example = "proxy";
      description = "Overlay network that traefik and every app with a domain are on.";
    };
    subnet = mkOption {
      type = types.strMatching "[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+/[0-9]+";
      default = "10.200.0.0/16";
      example = "10.123.0.0/16";
      description = "Addresses of the proxy's network. A /24, docker's own choice, runs out after some days: each app takes one for every service, and some leak.";
    };
    ports = mkOption {
      type = types.listOf types.port;
      default = [
        80
        443
      ];
      example = [
        80
        443
        64738
      ];
      description = "TCP ports that the firewall opens. Ports that docker publishes are open whatever the firewall says: its rules come first.";
    };
  };

  config = lib.mkIf (host.enable && cfg.enable) {
    assertions = [
      {
        assertion = prefix <= 16;
        message = "ccci.swarm.subnet: ${cfg.subnet} is too small, apps would wait for an address for ever: write a /16, for example 10.200.0.0/16";
      }
      {
        assertion = !config.virtualisation.docker.liveRestore;
        message = "virtualisation.docker.liveRestore: docker refuses to be a swarm with it: set it to false";
      }
      {
        assertion = config.networking.firewall.enable;
        message = "networking.firewall.enable: the swarm's and the runner's ports would be open to everybody: set it to true";
      }
    ];

    virtualisation.docker = {
      enable = true;
      liveRestore = lib.mkDefault false;
      # NixOS takes the journal, which has no limit for each container.
      logDriver = lib.mkDefault "json-file";
      daemon.settings.log-opts = lib.mkIf (config.virtualisation.docker.logDriver == "json-file") {
        max-size = lib.mkDefault "10m";
        max-file = lib.mkDefault "3";
      };
    };
    networking.firewall = {
      enable = lib.mkDefault true;
      allowedTCPPorts = cfg.ports;
    };
    ccci.settings.host.proxy = lib.mkDefault cfg.proxy;

    systemd.services.cc-ci-swarm = {
      description = "cc-ci: the swarm, the network of the proxy and abra's server";
      wantedBy = [ "multi-user.target" ];
      requires = [ "docker.service" ];
      wants = [ "network-online.target" ];
      after = [
        "docker.service"
        "network-online.target"
      ];
      path = host.tools;
      environment = {
        HOME = "/root";
        ABRA_DIR = "/root/.abra";
        ABRA_SERVER = "default";
        SWARM_ADVERTISE = cfg.advertise;
        SWARM_PROXY = cfg.proxy;
        SWARM_SUBNET = cfg.subnet;
      };
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${host.hostScripts}/bin/cc-ci-swarm";
        TimeoutStartSec = "5min";
      };
    };
  };
}
