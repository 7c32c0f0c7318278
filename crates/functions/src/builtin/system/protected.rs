//! Processes that are never ended: without them the session, or Lucid, is gone.

/// Programs that a session stands on.
const SESSION: &[&str] = &[
    "init",
    "systemd",
    "systemd-logind",
    "dbus-daemon",
    "dbus-broker",
    "dbus-broker-lau",
    "Xorg",
    "Xwayland",
    "Xvfb",
    "sway",
    "labwc",
    "niri",
    "wayfire",
    "cage",
    "weston",
    "openbox",
    "i3",
    "Hyprland",
    "gnome-shell",
    "gnome-session-b",
    "mutter",
    "kwin_wayland",
    "kwin_x11",
    "plasmashell",
    "ksmserver",
    "startplasma-way",
    "xfce4-session",
    "gdm",
    "gdm3",
    "sddm",
    "lightdm",
    "greetd",
    "login",
    "sshd",
    "polkitd",
    "pipewire",
    "wireplumber",
    "lucidd",
    "lucid-shell",
    "lucid-session",
];

/// Tells whether a process is one of those: by name, by being the first of all, Lucid's own, or above it.
pub(super) fn is_protected(pid: u32, name: &str) -> bool {
    let is_worker = name.starts_with("lucid-engine");
    pid <= 2 || SESSION.contains(&name) || is_worker || is_above(pid)
}

/// Whether `pid` is this process or one that it descends from.
fn is_above(pid: u32) -> bool {
    let mut current = std::process::id();
    for _ in 0..64 {
        if current == pid {
            return true;
        }
        match parent_of(current) {
            Some(parent) if parent > 0 => current = parent,
            _ => return false,
        }
    }
    false
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_the_session_is_protected() {
        assert!(is_protected(1, "anything"));
        assert!(is_protected(std::process::id(), "test"));
        assert!(is_protected(
            parent_of(std::process::id()).unwrap(),
            "cargo"
        ));
        assert!(is_protected(4_000_000, "sway"));
        assert!(!is_protected(4_000_000, "firefox"));
    }
}
