# What may be pruned of docker, and when: images without a name, older than a day, above the mark, with no run in flight. The janitor does
# it, since it alone knows what is in flight; this module sets its mark and sees to it that nobody else prunes.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.dockerPrune;
  inherit (config.ccci) settings;
in
{
  options.ccci.dockerPrune.mark = mkOption {
    type = types.ints.between 1 100;
    default = 85;
    example = 80;
    description = "Per cent of bytes or inodes in use above which the janitor prunes. Below it images are worth more than space: a warm one saves seconds of every deploy, and pulls are limited.";
  };

  config = lib.mkIf config.ccci.enable {
    assertions = [
      {
        assertion = !config.virtualisation.docker.autoPrune.enable;
        message = "virtualisation.docker.autoPrune.enable: it removes images that the next run needs, and knows nothing of runs in flight: set it to false, the janitor prunes";
      }
      {
        assertion = settings.run.disk_act < (settings.run.disk_refuse or 93);
        message = "ccci.dockerPrune.mark: ${toString settings.run.disk_act} is not below [run] disk_refuse: runs would be refused before anything is pruned; write a smaller one";
      }
    ];
    ccci.settings.run.disk_act = lib.mkDefault cfg.mark;
  };
}
