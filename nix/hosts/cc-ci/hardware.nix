# Of one machine: replace it with what `nixos-generate-config --show-hardware-config` prints there. This one fits a virtual machine with one
# disk whose partitions are labelled nixos and boot.
{ ... }:
{
  boot = {
    loader.systemd-boot.enable = true;
    loader.efi.canTouchEfiVariables = true;
    initrd.availableKernelModules = [
      "ahci"
      "sd_mod"
      "virtio_blk"
      "virtio_pci"
      "virtio_scsi"
    ];
  };
  fileSystems = {
    "/" = {
      device = "/dev/disk/by-label/nixos";
      fsType = "ext4";
    };
    "/boot" = {
      device = "/dev/disk/by-label/boot";
      fsType = "vfat";
    };
  };
  nixpkgs.hostPlatform = "x86_64-linux";
}
