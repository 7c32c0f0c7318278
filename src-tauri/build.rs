//! Checks the configuration and the capabilities, and names the commands that pages may be allowed.

/// Every command; which window may call which is in `capabilities/`.
const COMMANDS: &[&str] = &[
    "connect",
    "search",
    "search_apps",
    "typing",
    "ask",
    "open",
    "copy",
    "act",
    "undo",
    "stop",
    "why",
    "history",
    "state",
    "events",
    "summaries",
    "hide",
    "fit",
    "painted",
    "measured",
    "consent_connect",
    "consent_shown",
    "consent_answer",
    "consent_stop",
];

fn main() {
    // The built page is embedded by a macro, which cargo cannot see through.
    println!("cargo:rerun-if-changed=../ui/dist");
    assert!(
        std::path::Path::new("../ui/dist/index.html").exists(),
        "the page is not built yet: run `npm --prefix ui ci && npm --prefix ui run build` first"
    );
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("could not prepare the shell: {error:#}");
    }
}
