# Durations as the settings write them: a whole number and s, m, h or d. Here in seconds.
{ lib }:
rec {
  pattern = "[0-9]+[smhd]";
  seconds =
    text:
    let
      parts = builtins.match "([0-9]+)([smhd])" text;
      unit = {
        s = 1;
        m = 60;
        h = 3600;
        d = 86400;
      };
    in
    if parts == null then
      throw "duration: ${text}: write a number and s, m, h or d"
    else
      lib.toInt (builtins.head parts) * unit.${builtins.elemAt parts 1};
}
