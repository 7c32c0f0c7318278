//! The plugin in Rust, in its real sandbox.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../../crates/functions/tests/support/mod.rs"]
mod support;

use std::{fs, path::Path};

use functions::{
    Registry,
    plugins::{Installed, Plugin},
};
use plan::Value;
use support::Fixture;

/// The program of the example, which `cargo test` has built beside this test.
fn program() -> std::path::PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap();
    folder.join("examples/lots")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_in_rust_is_installed_and_asked() {
    let mut fixture = Fixture::new();
    let folder = fixture.path("authors/lots");
    fs::create_dir_all(&folder).unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/lots/plugin.toml");
    fs::copy(manifest, folder.join("plugin.toml")).unwrap();
    fs::copy(program(), folder.join("lots")).unwrap();
    let plugin = Plugin::read(&folder).unwrap();
    assert_eq!(plugin.mistakes, []);
    let record = plugin.agree(&fixture.world).await.unwrap();
    let installed = Installed::in_data(&fixture.world.places.data);
    installed.install(&plugin, &record).unwrap();
    let (registry, errors) = Registry::load(&[], &[installed.folder()]);
    assert_eq!(errors, []);
    fixture.registry = registry;

    let thrown = fixture
        .call("lots.throw", &[("count", 50.0.into())])
        .await
        .unwrap()
        .value;
    let shows = |row: &Value| row.field("shows").unwrap().as_number().unwrap();
    let thrown: Vec<f64> = thrown.as_list().unwrap().iter().map(shows).collect();
    assert_eq!(thrown.len(), 50);
    assert!(thrown.iter().all(|shows| (1.0..=6.0).contains(shows)));
    assert!(thrown.iter().any(|shows| *shows != thrown[0]), "{thrown:?}");
    let drawn = fixture
        .call("lots.draw", &[("names", "Ada, 小李".into())])
        .await
        .unwrap();
    assert!(["Ada", "小李"].contains(&drawn.value.as_text().unwrap()));
    let error = fixture
        .call("lots.draw", &[("names", ", ,".into())])
        .await
        .unwrap_err();
    assert!(
        error.problem.sentence.contains("There is no name to draw."),
        "{error}"
    );
}
