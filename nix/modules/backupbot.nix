# The app that makes backups: without it no recipe can pass the backup tier. People upgrade it.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.backupbot;
in
{
  options.ccci.backupbot = {
    enable = mkOption {
      type = types.bool;
      default = config.ccci.enable;
      defaultText = lib.literalExpression "config.ccci.enable";
      example = false;
      description = "Whether this host has a backup-bot-two of its own. Its password is declared, and it is reconciled if anything is.";
    };
    repository = mkOption {
      type = types.str;
      default = "/backups/restic";
      example = "sftp:backup@backup.example.org:/ci";
      description = "restic's repository. The backups of runs are of no use after them: a path in the app's own volume is enough.";
    };
    schedule = mkOption {
      type = types.str;
      default = "0 0 31 2 *";
      example = "30 3 * * *";
      description = "When it makes backups by itself, in cron's form. Runs ask for theirs: by default it never does, since a backup in the middle of a run would stop its containers.";
    };
    env = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        TIMEOUT = "300";
      };
      description = "More of its app `.env`, over what this module writes.";
    };
  };

  config = lib.mkIf (config.ccci.enable && cfg.enable) {
    assertions = [
      {
        assertion = builtins.match ".*://[^/@]*:[^/@]*@.*" cfg.repository == null;
        message = "ccci.backupbot.repository: it holds a password, and stands in the store for all to read: give the password as a secret of the recipe";
      }
    ];
    ccci.secrets.restic_password = {
      class = "generated";
      readers = [ "ccci-reconcile backup-bot-two" ];
      description = "password of the backup repository";
    };
    ccci.reconcile.apps.backup-bot-two = {
      env = {
        LETS_ENCRYPT_ENV = "";
        RESTIC_REPOSITORY = cfg.repository;
        CRON_SCHEDULE = cfg.schedule;
      }
      // cfg.env;
      secrets = [
        {
          name = "restic_password";
          file = "/run/secrets/restic_password";
        }
      ];
      stateful = true;
      health = null;
      update = "hold";
    };
  };
}
