//! What no manifest and no discovery may ever call.
//!
//! Each of these hands out secrets, grants permissions or runs arbitrary
//! programs, so that one call would undo everything that policy decides.

use super::beginning;

/// Bus names, interfaces, and single members, each with a `.`-terminated prefix form.
const NAMES: &[&str] = &[
    "org.freedesktop.secrets",
    "org.gnome.keyring",
    "org.kde.kwalletd",
    "org.freedesktop.DBus",
    "org.freedesktop.PolicyKit1",
    "org.freedesktop.impl.portal",
    "org.freedesktop.Flatpak",
    "org.freedesktop.systemd1",
    "ca.desrt.dconf",
    "org.lucidshell",
];

const INTERFACES: &[&str] = &[
    "org.freedesktop.Secret",
    "org.freedesktop.impl.portal",
    "org.freedesktop.DBus",
    "org.freedesktop.PolicyKit1",
    "org.freedesktop.Flatpak",
    "org.freedesktop.systemd1",
    "org.gnome.keyring",
    "org.kde.KWallet",
    "org.kde.kwin.Scripting",
    "org.kde.kwin.Script",
    "ca.desrt.dconf",
    "org.qtproject.Qt",
    "org.lucidshell",
    "org.gnome.Mutter.RemoteDesktop",
    "org.gnome.Mutter.ScreenCast",
];

/// Names behind which such interfaces stand beside others: a program that talks to one talks to all of it, so none is
/// granted whole.
const NEVER_GRANTED: &[&str] = &[
    "org.freedesktop.portal",
    "org.gnome.Shell",
    "org.gnome.Mutter",
    "org.gnome.Terminal",
    "org.gnome.Console",
    "org.gnome.Ptyxis",
    "org.gnome.Builder",
    "com.gexperts.Tilix",
    "com.mitchellh.ghostty",
    "com.raggesilver.BlackBox",
    "com.system76.CosmicTerm",
    "io.elementary.terminal",
    "net.tenshu.Terminator",
    "org.contourterminal.Contour",
    "org.wezfurlong.wezterm",
    "org.gnome.ScreenSaver",
    "org.gnome.SessionManager",
    "org.gtk.vfs",
    "org.kde.KWin",
    "org.kde.kglobalaccel",
    "org.kde.klauncher",
    "org.kde.kpasswdserver",
    "org.kde.kded5",
    "org.kde.kded6",
    "org.kde.konsole",
    "org.kde.krunner",
    "org.kde.ksmserver",
    "org.kde.plasmashell",
    "org.kde.secretservicecompat",
    "org.kde.yakuake",
    "org.keepassxc",
    "org.xfce",
    "org.guake3",
    "org.a11y",
];

const MEMBERS: &[(&str, &str)] = &[
    ("org.gnome.ScreenSaver", "SetActive"),
    ("org.freedesktop.ScreenSaver", "SetActive"),
    ("org.gnome.Shell.Extensions", "InstallRemoteExtension"),
    ("org.guake3.RemoteControl", "execute_command"),
    ("org.guake3.RemoteControl", "execute_command_by_uuid"),
    ("org.kde.PlasmaShell", "loadScriptInInteractiveConsole"),
    ("org.kde.krunner.App", "query"),
    ("org.xfce.FileManager", "Execute"),
    ("org.xfce.FileManager", "Launch"),
    ("org.xfce.FileManager", "LaunchFiles"),
    ("org.gtk.Application", "CommandLine"),
    ("org.gnome.Shell", "Eval"),
    ("org.kde.PlasmaShell", "evaluateScript"),
    ("org.kde.konsole.Session", "runCommand"),
    ("org.kde.konsole.Session", "sendText"),
    ("org.kde.konsole.Session", "sendMouseEvent"),
    ("org.kde.yakuake", "runCommand"),
    ("org.kde.yakuake", "runCommandInTerminal"),
];

/// Returns why `member` of `interface` on `name` is never called, or [`None`] if it may be.
pub(crate) fn forbidden(name: &str, interface: &str, member: &str) -> Option<String> {
    let refusal = |what: &str| {
        Some(format!(
            "`{what}` is never called: it would give away secrets, permissions or the machine"
        ))
    };
    if NAMES.iter().any(|prefix| is_within(name, prefix)) {
        return refusal(name);
    }
    if INTERFACES.iter().any(|prefix| is_within(interface, prefix)) {
        return refusal(interface);
    }
    let is_member = |(of, refused): &&(&str, &str)| *of == interface && *refused == member;
    match MEMBERS.iter().find(is_member) {
        Some(_) => refusal(&format!("{interface}.{member}")),
        None => None,
    }
}

/// Tells whether nothing that stands behind `name` is ever called.
pub(crate) fn is_forbidden_name(name: &str) -> bool {
    forbidden(name, "", "").is_some()
}

/// Returns why a program is not let talk to all that stands behind `name`, or [`None`] if it may be.
pub(crate) fn never_granted(name: &str) -> Option<String> {
    let refused = NEVER_GRANTED.iter().any(|prefix| is_within(name, prefix));
    let refusal = || {
        format!(
            "`{name}` is granted to no plugin: what stands behind it runs programs or reads everything"
        )
    };
    forbidden(name, "", "").or_else(|| refused.then(refusal))
}

/// Tells whether `name` is `prefix` or stands beneath it; `kwalletd6` and `kwalletd-12` count as `kwalletd`.
/// A pattern that could match a forbidden name (`org.freedesktop.*`) counts as well.
fn is_within(name: &str, prefix: &str) -> bool {
    if let Some(beginning) = beginning(name) {
        let whole = beginning.trim_end_matches(['.', '-']);
        return is_within(whole, prefix) || prefix.starts_with(beginning);
    }
    name.strip_prefix(prefix).is_some_and(|rest| {
        let number = rest.strip_prefix('-').unwrap_or(rest);
        rest.starts_with('.') || number.chars().all(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::forbidden;

    #[test]
    fn secrets_permissions_and_shells_are_never_called() {
        for (name, interface, member) in [
            ("org.freedesktop.secrets", "org.example.I", "M"),
            ("org.kde.kwalletd6", "org.example.I", "M"),
            ("org.freedesktop.*", "org.example.I", "M"),
            ("org.kde.kwalletd-*", "org.example.I", "M"),
            ("org.kde.kwalletd-12", "org.example.I", "M"),
            ("org.kde.konsole-*", "org.kde.konsole.Session", "runCommand"),
            ("org.kde.yakuake", "org.kde.yakuake", "runCommand"),
            (
                "org.freedesktop.portal.Desktop",
                "org.freedesktop.impl.portal.PermissionStore",
                "Set",
            ),
            (
                "org.example.App",
                "org.freedesktop.Secret.Service",
                "GetSecrets",
            ),
            ("org.example.App", "org.gtk.Application", "CommandLine"),
            ("org.gnome.Shell", "org.gnome.Shell", "Eval"),
            (
                "org.freedesktop.systemd1",
                "org.freedesktop.systemd1.Manager",
                "StartTransientUnit",
            ),
            ("org.example.App", "org.freedesktop.DBus.Properties", "Set"),
        ] {
            assert!(
                forbidden(name, interface, member).is_some(),
                "{name} {interface} {member}"
            );
        }
    }

    #[test]
    fn ordinary_services_are_called() {
        for (name, interface, member) in [
            (
                "org.mpris.MediaPlayer2.*",
                "org.mpris.MediaPlayer2.Player",
                "Pause",
            ),
            (
                "org.freedesktop.login1",
                "org.freedesktop.login1.Manager",
                "Suspend",
            ),
            (
                "org.freedesktop.UPower",
                "org.freedesktop.UPower.Device",
                "Percentage",
            ),
            (
                "org.freedesktop.Notifications",
                "org.freedesktop.Notifications",
                "Notify",
            ),
            ("org.gtk.Example", "org.gtk.Application", "Activate"),
        ] {
            assert_eq!(forbidden(name, interface, member), None);
        }
    }
}
