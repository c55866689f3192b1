# Secrets: which there are, who reads them, and how sops brings them to /run/secrets.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci;
in
{
  options.ccci.secrets = mkOption {
    default = { };
    example = {
      chat_token = {
        class = "operator";
        readers = [ "ccci-alerts relay" ];
        description = "bearer token of the chat's webhook";
      };
    };
    description = "Every secret of this host, by its name below `/run/secrets`. Modules declare what they read; docs/secrets.md lists the same.";
    type = types.attrsOf (
      types.submodule (
        { name, ... }:
        {
          options = {
            class = mkOption {
              type = types.enum [
                "operator"
                "generated"
              ];
              example = "operator";
              description = "`operator`: somebody has to bring it. `generated`: made once with `openssl rand`, and known to nobody.";
            };
            readers = mkOption {
              type = types.listOf types.str;
              example = [ "ccci-run" ];
              description = "Who opens the file.";
            };
            description = mkOption {
              type = types.str;
              example = "token of the bot on the git host";
              description = "What it is.";
            };
            restartUnits = mkOption {
              type = types.listOf types.str;
              default = [ ];
              example = [ "drone-runner-exec.service" ];
              description = "Units that read it once at their start.";
            };
            path = mkOption {
              type = types.path;
              default = "/run/secrets/${name}";
              example = "/run/secrets/forge_token";
              description = "Where the file is.";
            };
          };
        }
      )
    );
  };

  options.ccci.sops = {
    enable = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Whether sops decrypts the secrets. Without it somebody else must put the files below `/run/secrets` before the units start.";
    };
    file = mkOption {
      type = types.path;
      default = ../../secrets/private/cc-ci.yaml;
      defaultText = lib.literalExpression "secrets/private/cc-ci.yaml of this repository";
      example = lib.literalExpression "./secrets.yaml";
      description = "The encrypted file, in the submodule `secrets/private`.";
    };
    hostKey = mkOption {
      type = types.nullOr types.path;
      default = "/etc/ssh/ssh_host_ed25519_key";
      example = null;
      description = "The host's SSH key: the file is encrypted to it.";
    };
    recoveryKey = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/root/recovery.age";
      description = "The recovery key, for the first switch of a new machine whose host key the file is not encrypted to yet. Remove it after `sops updatekeys`.";
    };
  };

  config = lib.mkIf (cfg.enable && cfg.sops.enable) {
    assertions = [
      {
        assertion = builtins.pathExists cfg.sops.file;
        message = "ccci.sops.file: ${toString cfg.sops.file} is not there: fetch the submodule (git submodule update --init secrets/private) and switch with ?submodules=1, or make the file as docs/secrets.md says";
      }
      {
        assertion = cfg.sops.hostKey != null || cfg.sops.recoveryKey != null;
        message = "ccci.sops: there is no key to decrypt with: set hostKey, or recoveryKey for the first switch of a new machine";
      }
    ];
    sops = {
      defaultSopsFile = cfg.sops.file;
      age = {
        sshKeyPaths = lib.optional (cfg.sops.hostKey != null) cfg.sops.hostKey;
        keyFile = cfg.sops.recoveryKey;
      };
      # Nothing but these two keys: no key of a person, and no key ring.
      gnupg.sshKeyPaths = [ ];
      secrets = lib.mapAttrs (_: secret: {
        inherit (secret) path restartUnits;
        owner = "root";
        group = "root";
        mode = "0400";
      }) cfg.secrets;
    };
  };
}
