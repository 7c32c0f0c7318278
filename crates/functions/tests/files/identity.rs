//! Doing and taking back is the identity: content, mode, time, extended attribute.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::PathBuf};

use plan::Value;
use proptest::{prelude::*, sample::select, test_runner::Config};

use crate::{
    support::Fixture,
    tree::{tree, write},
};

#[derive(Debug, Clone)]
struct Made {
    path: PathBuf,
    content: Vec<u8>,
    mode: u32,
    seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    Move,
    Rename,
    Trash,
    Copy,
    Zip,
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[a-z][a-z0-9 ]{0,8}(\\.txt)?".prop_map(String::into_bytes),
        "[\u{4e00}-\u{4e80}]{1,4}".prop_map(String::into_bytes),
        select(vec![
            b"n\xff%41".to_vec(),
            b"%2F".to_vec(),
            b"-rf".to_vec(),
            b"a\nb".to_vec(),
            b"x\xe2\x80\xae".to_vec()
        ]),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    let path = prop::collection::vec(name(), 1..4).prop_map(|names| {
        names
            .iter()
            .map(|name| OsStr::from_bytes(name))
            .collect::<PathBuf>()
    });
    let mode = select(vec![0o644u32, 0o600, 0o755, 0o444, 0o640]);
    (
        path,
        prop::collection::vec(any::<u8>(), 0..200),
        mode,
        1u64..2_000_000_000,
    )
        .prop_map(|(path, content, mode, seconds)| Made {
            path,
            content,
            mode,
            seconds,
        })
}

fn build(fixture: &Fixture, files: &[Made]) {
    for file in files {
        let path = fixture.home().join("tree").join(&file.path);
        let blocked = path.ancestors().skip(1).any(|above| above.is_file());
        if !blocked && path.symlink_metadata().is_err() {
            write(&path, &file.content, file.mode, file.seconds);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 40, failure_persistence: None, ..Config::default() })]

    #[test]
    fn doing_and_taking_back_changes_nothing(
        files in prop::collection::vec(made(), 1..6),
        acts in prop::collection::vec(select(vec![Act::Move, Act::Rename, Act::Trash, Act::Copy, Act::Zip]), 1..4),
        pick in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let fixture = Fixture::new();
        fs::create_dir(fixture.home().join("tree")).unwrap();
        fs::create_dir(fixture.home().join("target")).unwrap();
        build(&fixture, &files);
        let entries: Vec<PathBuf> = tree(&fixture.home().join("tree")).into_keys().collect();
        let subject = fixture.home().join("tree").join(&entries[pick.index(entries.len())]);
        let before = tree(fixture.home());
        for act in acts {
            let path = address(&subject);
            let to = Value::from("~/target");
            let (function, arguments) = match act {
                Act::Move => ("files.move", vec![("path", path), ("to", to)]),
                Act::Rename => ("files.rename", vec![("path", path), ("name", "another name".into())]),
                Act::Trash => ("files.trash", vec![("path", path)]),
                Act::Copy => ("files.copy", vec![("path", path), ("to", to)]),
                Act::Zip => ("files.zip", vec![("paths", Value::List(vec![path])), ("to", "~/target/z.zip".into())]),
            };
            let outcome = runtime.block_on(fixture.call(function, &arguments)).unwrap();
            let after = tree(fixture.home());
            prop_assert_ne!(&after, &before, "{:?} did nothing", act);
            if matches!(act, Act::Copy | Act::Zip) {
                let kept = before.iter().all(|(path, entry)| after.get(path) == Some(entry));
                prop_assert!(kept, "{:?} changed its source", act);
            }
            runtime.block_on(fixture.undo(&outcome)).unwrap();
            prop_assert_eq!(&tree(fixture.home()), &before, "{:?}", act);
        }
    }
}

/// The path as `files.find` writes it.
fn address(path: &std::path::Path) -> Value {
    let mut text = "file://".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' => text.push('/'),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text.into()
}
