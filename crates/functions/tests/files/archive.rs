//! Packing and unpacking.

use std::{
    fs,
    io::{Cursor, Write},
};

use functions::ErrorKind;
use plan::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{support::Fixture, tree::tree};

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn what_is_packed_comes_out_again() {
    let fixture = Fixture::new();
    fixture.file("文档/合同.txt", "contract");
    fixture.file("文档/deep/a.bin", "a");
    fixture.file("b.txt", "b");
    let before = tree(fixture.home());
    let list = ["~/文档", "~/b.txt"].map(Value::from).to_vec();
    let arguments = [("paths", Value::List(list)), ("to", "~/both".into())];
    let zipped = fixture.call("files.zip", &arguments).await.unwrap();
    assert!(fixture.home().join("both.zip").is_file());

    let unzipped = fixture.done("files.unzip", &[("path", "~/both.zip")]).await;
    let out = fixture.home().join("both");
    assert_eq!(
        fs::read_to_string(out.join("文档/合同.txt")).unwrap(),
        "contract"
    );
    assert_eq!(
        fs::read_to_string(out.join("文档/deep/a.bin")).unwrap(),
        "a"
    );
    assert_eq!(fs::read_to_string(out.join("b.txt")).unwrap(), "b");

    fixture.undo(&unzipped).await.unwrap();
    fixture.undo(&zipped).await.unwrap();
    assert_eq!(tree(fixture.home()), before);
}

#[tokio::test]
async fn a_lone_file_is_packed_beside_itself_and_nothing_is_replaced() {
    let fixture = Fixture::new();
    fixture.file("Documents/a.txt", "a");
    let arguments = [("paths", Value::from("~/Documents/a.txt"))];
    fixture.call("files.zip", &arguments).await.unwrap();
    assert!(fixture.home().join("Documents/a.zip").is_file());
    let error = fixture.call("files.zip", &arguments).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    fixture.file("Documents/a", "in the way");
    fixture
        .fails(
            "files.unzip",
            &[("path", "~/Documents/a.zip")],
            ErrorKind::Conflict,
        )
        .await;
}

#[tokio::test]
async fn archives_that_lie_or_lead_out_leave_nothing_behind() {
    let fixture = Fixture::new();
    let evil: [(&str, Vec<u8>); 4] = [
        (
            "up.zip",
            archive(&[("good.txt", b"x"), ("../../evil.txt", b"evil")]),
        ),
        ("root.zip", archive(&[("/tmp/lucid-evil.txt", b"evil")])),
        ("cut.zip", archive(&[("a.txt", &[7; 1000])])[..60].to_vec()),
        ("text.zip", b"this is no archive".to_vec()),
    ];
    for (name, bytes) in evil {
        fs::write(fixture.home().join(name), bytes).unwrap();
        let path = format!("~/{name}");
        let result = fixture
            .call("files.unzip", &[("path", path.as_str().into())])
            .await;
        // An absolute name may also be put beneath the folder; it must only not lead out.
        if name != "root.zip" {
            assert_eq!(result.unwrap_err().kind, ErrorKind::Invalid, "{name}");
            assert!(
                !fixture.home().join(name.trim_end_matches(".zip")).exists(),
                "{name}"
            );
        }
    }
    assert!(!fixture.path("evil.txt").exists() && !fixture.home().join("evil.txt").exists());
    assert!(!std::path::Path::new("/tmp/lucid-evil.txt").exists());
    let hidden = fs::read_dir(fixture.home()).unwrap().flatten();
    let hidden = hidden.filter(|entry| entry.file_name().to_string_lossy().starts_with(".lucid-"));
    assert_eq!(hidden.count(), 0);
}

#[tokio::test]
async fn links_in_archives_are_left_out_and_told() {
    let fixture = Fixture::new();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file("a.txt", SimpleFileOptions::default())
        .unwrap();
    writer.write_all(b"a").unwrap();
    writer
        .add_symlink("passwd", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    fs::write(
        fixture.home().join("l.zip"),
        writer.finish().unwrap().into_inner(),
    )
    .unwrap();
    let outcome = fixture.done("files.unzip", &[("path", "~/l.zip")]).await;
    assert!(fixture.home().join("l/a.txt").exists());
    assert!(fixture.home().join("l/passwd").symlink_metadata().is_err());
    assert!(outcome.note.contains('1'), "{}", outcome.note);
}
