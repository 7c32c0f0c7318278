-- Without devices there is no Bluetooth, and its part ends WirePlumber where no logind has ever run.
bluez_monitor.enabled = false
