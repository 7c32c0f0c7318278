//! A disk that is full. In a process of its own, since the limit holds for all of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;

use functions::ErrorKind;
use plan::Value;
use support::Fixture;

/// Files above this size cannot be written any more, as on a full disk.
const LIMIT: u64 = 300_000;

fn limit_file_size() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // SAFETY: the disposition of a signal is set before this process has other threads that use it.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    let limit = Rlimit {
        current: Some(LIMIT),
        maximum: Some(LIMIT),
    };
    setrlimit(Resource::Fsize, limit).unwrap();
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_does_not_fit_leaves_nothing_half_done() {
    let fixture = Fixture::new();
    let home = fixture.home().to_owned();
    fs::create_dir_all(home.join("tree/inner")).unwrap();
    fs::create_dir(home.join("target")).unwrap();
    fs::write(home.join("tree/small"), "small").unwrap();
    // Noise, so that packing does not make it fit.
    let mut state = 1u64;
    let mut noise = Vec::new();
    while (noise.len() as u64) < 2 * LIMIT {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.extend((state >> 16).to_le_bytes());
    }
    fs::write(home.join("tree/inner/large"), &noise).unwrap();
    fs::write(home.join("plain.zip"), archive(&noise)).unwrap();
    limit_file_size();

    let text = |text: &str| Value::from(text);
    for (function, arguments) in [
        (
            "files.copy",
            vec![("path", text("~/tree")), ("to", text("~/target"))],
        ),
        (
            "files.copy",
            vec![
                ("path", text("~/tree/inner/large")),
                ("to", text("~/target")),
            ],
        ),
        (
            "files.zip",
            vec![("paths", text("~/tree")), ("to", text("~/target"))],
        ),
        (
            "files.unzip",
            vec![("path", text("~/plain.zip")), ("to", text("~/target"))],
        ),
    ] {
        let error = fixture
            .call(function, &arguments)
            .await
            .expect_err(function);
        assert_eq!(error.kind, ErrorKind::Full, "{function}: {error}");
        assert!(error.problem.remedy.contains("space"), "{function}");
        assert_eq!(names(&home.join("target")), [""; 0], "{function}");
    }
    assert_eq!(fs::read(home.join("tree/inner/large")).unwrap(), noise);
    // What fits still goes.
    let arguments = [("path", text("~/tree/small")), ("to", text("~/target"))];
    fixture.call("files.copy", &arguments).await.unwrap();
    assert_eq!(names(&home.join("target")), ["small"]);
}

fn archive(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .start_file("large", zip::write::SimpleFileOptions::default())
        .unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}
