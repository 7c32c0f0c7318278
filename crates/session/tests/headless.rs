//! Real headless sessions: sway, a bus, sound, an app, keys and a picture.
//!
//! Run as root, `lucid-session` makes itself an ordinary user first; so these
//! tests cover both ways, whoever runs them.

use std::process::Output;

/// Runs a script in a headless session.
fn in_session(options: &[&str], script: &str) -> Output {
    session::command(
        env!("CARGO_BIN_EXE_lucid-session"),
        &session::Environment::inherited(),
    )
    .arg("--headless")
    .args(options)
    .args(["--", "sh", "-c", script])
    .output()
    .expect("lucid-session runs")
}

fn printed(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_session_has_a_screen_of_the_asked_size_and_takes_pictures() {
    let script = r#"
        swaymsg -t get_outputs -r | jq -r '.[0].current_mode | "\(.width)x\(.height)"'
        grim "$HOME/picture.png" && head -c 8 "$HOME/picture.png" | od -An -tx1 | tr -d ' '
        swaymsg -t get_version -r >/dev/null && echo "$XDG_CURRENT_DESKTOP"
    "#;
    let output = in_session(&["--size", "800x600", "--parts"], script);
    assert_eq!(printed(&output), "800x600\n89504e470d0a1a0a\nLucid:sway");
}

#[test]
fn keys_reach_the_focused_app() {
    let script = r#"
        gedit "$HOME/note.txt" >/dev/null 2>&1 &
        focused='.. | objects | select(.focused == true and (.app_id // "" | test("gedit")))'
        for i in $(seq 150); do
            swaymsg -t get_tree -r | jq -e "$focused" >/dev/null && break
            sleep 0.1
        done
        sleep 0.5
        wtype -s 400 -d 30 "typed 好"
        for i in $(seq 50); do
            gdbus call --session --dest org.gnome.gedit --object-path /org/gnome/gedit/window/1 \
                --method org.gtk.Actions.Activate save "[]" "{}" >/dev/null
            sleep 0.2
            grep -q 好 "$HOME/note.txt" 2>/dev/null && break
        done
        cat "$HOME/note.txt"
    "#;
    assert_eq!(printed(&in_session(&["--parts"], script)), "typed 好");
}

#[test]
fn sound_has_an_output_whose_volume_can_be_set() {
    let script = r#"
        wpctl set-volume @DEFAULT_AUDIO_SINK@ 0.35 && wpctl get-volume @DEFAULT_AUDIO_SINK@
    "#;
    let output = in_session(&["--parts", "sound"], script);
    assert_eq!(printed(&output), "Volume: 0.35");
}

#[test]
fn nothing_is_left_behind() {
    let script = r#"
        sleep 300 &
        setsid sleep 301 &
        (setsid -f sleep 302)
        echo "$HOME" $$
    "#;
    let text = printed(&in_session(&["--parts"], script));
    let home = text.split_whitespace().next().expect("a home is printed");
    assert!(home.starts_with("/var/tmp/lucid-session-"), "{home}");
    assert!(
        !std::path::Path::new(home).exists(),
        "{home} is still there"
    );
    assert!(!processes_mention(home), "a process of {home} still runs");
}

#[test]
fn the_exit_status_is_the_commands() {
    assert_eq!(in_session(&["--parts"], "exit 7").status.code(), Some(7));
}

#[test]
fn a_missing_kernel_is_named() {
    let output = in_session(
        &["--parts", "kernel", "--binaries", "/nonexistent"],
        "echo never",
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(errors.contains("/nonexistent/lucidd"), "{errors}");
    assert!(output.stdout.is_empty());
}

#[test]
fn the_login_entry_is_well_formed() {
    let text = include_str!("../data/wayland-sessions/lucid.desktop");
    assert!(text.contains("DesktopNames=Lucid;sway\n"));
    // The validator knows application entries only, not this key of session entries.
    let entry = tempfile::Builder::new()
        .suffix(".desktop")
        .tempfile()
        .unwrap();
    std::fs::write(entry.path(), text.replace("DesktopNames=Lucid;sway\n", "")).unwrap();
    let output = session::command("desktop-file-validate", &session::Environment::inherited())
        .arg(entry.path())
        .output()
        .expect("desktop-file-validate runs");
    assert_eq!(printed(&output), "");
}

/// Tells whether any process has `text` in its environment, which names its home.
fn processes_mention(text: &str) -> bool {
    std::fs::read_dir("/proc")
        .expect("/proc is there")
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("environ")).ok())
        .any(|environ| String::from_utf8_lossy(&environ).contains(text))
}
