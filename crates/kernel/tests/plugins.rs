//! A newcomer's way: from `lucid plugin new` to a request in words that the new plugin answers.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the programs that it tests"
)]

mod support;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Output,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use support::{Fixture, SCRIPT};

/// How long the kernel may take to notice a change.
const PATIENCE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(50);

fn lucid(fixture: &Fixture, arguments: &[&str], answer: &str) -> Output {
    let mut command = fixture.command(arguments);
    command.current_dir(fixture.home());
    let mut child = command.spawn().unwrap();
    // What asks nothing has ended by now.
    let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).unwrap()
}

/// Runs a command that must succeed, and returns what it said.
#[track_caller]
fn done(fixture: &Fixture, arguments: &[&str], answer: &str) -> String {
    let output = lucid(fixture, arguments, answer);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}: {}",
        said(&output)
    );
    said(&output)
}

/// Asks until the kernel knows how, and returns what it said.
#[track_caller]
fn answered(fixture: &Fixture, words: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let output = lucid(fixture, &["ask", words], "");
        if output.status.code() == Some(0) {
            return said(&output);
        }
        assert!(Instant::now() < deadline, "{words}: {}", said(&output));
        std::thread::sleep(STEP);
    }
}

/// Waits until the kernel does not know any more how.
#[track_caller]
fn refused(fixture: &Fixture, words: &str) {
    let deadline = Instant::now() + PATIENCE;
    while lucid(fixture, &["ask", words], "").status.code() == Some(0) {
        assert!(Instant::now() < deadline, "{words} is still answered");
        std::thread::sleep(STEP);
    }
}

/// The number of the week that was said.
#[track_caller]
fn week(said: &str) -> u32 {
    let week = said.lines().find_map(|line| line.strip_prefix("Week: "));
    week.and_then(|week| week.trim().parse().ok())
        .unwrap_or_else(|| panic!("{said}"))
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

fn plugin(fixture: &Fixture, id: &str) -> PathBuf {
    fixture.home().join(".local/share/lucid/plugins").join(id)
}

#[tokio::test]
async fn a_newcomer_has_an_answer_from_a_new_plugin_within_seconds() {
    let fixture = Fixture::start(SCRIPT).await;
    let begun = Instant::now();
    let made = done(&fixture, &["plugin", "new", "mcp", "groceries"], "");
    assert!(made.contains("groceries"), "{made}");
    let right = done(&fixture, &["plugin", "check", "groceries"], "");
    assert!(right.contains("no mistakes"), "{right}");
    let asked = done(&fixture, &["plugin", "install", "groceries"], "y\n");
    for part in ["groceries.add", "reversible", "no network", "is installed"] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    let record = plugin(&fixture, ".installed").join("groceries.toml");
    let agreed = std::fs::read_to_string(record).unwrap();
    let tells_output = agreed.contains(r#""type":"array""#);
    assert!(
        tells_output,
        "what its tools give is a part of it: {agreed}"
    );
    answered(&fixture, "add oat milk to the list groceries");
    let list = answered(&fixture, "show groceries");
    assert!(list.contains("oat milk"), "{list}");
    let list = answered(&fixture, "看看清单groceries");
    assert!(list.contains("oat milk"), "{list}");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");

    // What the tool refuses is told in its own words.
    let twice = lucid(&fixture, &["ask", "add oat milk to the list groceries"], "");
    assert_eq!(twice.status.code(), Some(1));
    assert!(
        said(&twice).contains("on the list already"),
        "{}",
        said(&twice)
    );

    // What is lasting can be taken back.
    done(&fixture, &["undo"], "");
    let list = answered(&fixture, "show groceries");
    assert!(!list.contains("oat milk"), "{list}");
    answered(&fixture, "add oat milk to the list groceries");

    // A changed server is not called, until the person agrees again.
    edit(
        &plugin(&fixture, "groceries").join("server.py"),
        "Gives all items.",
        "Gives all.",
    );
    let deadline = Instant::now() + PATIENCE;
    loop {
        let output = lucid(&fixture, &["ask", "show groceries"], "");
        if said(&output).contains("not what was installed") {
            break;
        }
        assert!(Instant::now() < deadline, "{}", said(&output));
        std::thread::sleep(STEP);
    }
    let list = done(&fixture, &["plugin", "list"], "");
    assert!(list.contains("changed since it was installed"), "{list}");
    let folder = plugin(&fixture, "groceries").display().to_string();
    let again = done(&fixture, &["plugin", "install", &folder], "y\n");
    assert!(
        again.contains("“Gives all items.” is now “Gives all.”"),
        "{again}"
    );
    assert!(answered(&fixture, "show groceries").contains("oat milk"));
}

#[tokio::test]
async fn no_plugin_is_called_as_functions_of_lucid_begin() {
    let fixture = Fixture::start(SCRIPT).await;
    for taken in ["files", "audio"] {
        let made = lucid(&fixture, &["plugin", "new", "command", taken], "");
        assert_eq!(made.status.code(), Some(1), "{taken}");
        assert!(said(&made).contains("called otherwise"), "{}", said(&made));
        assert!(!plugin(&fixture, taken).exists() && !fixture.home().join(taken).exists());
    }
}

#[tokio::test]
async fn plugins_come_change_and_go_without_a_restart() {
    let fixture = Fixture::start(SCRIPT).await;
    let words = "show the awake";
    refused(&fixture, words);
    done(&fixture, &["plugin", "new", "command", "awake"], "");
    let no = lucid(&fixture, &["plugin", "install", "awake"], "n\n");
    assert_eq!(no.status.code(), Some(4));
    assert!(said(&no).contains("all your rights"), "{}", said(&no));
    refused(&fixture, words);
    done(&fixture, &["plugin", "install", "awake"], "y\n");
    let week: u32 = week(&answered(&fixture, words));
    assert!((1..=53).contains(&week), "{week}");

    let manifest = plugin(&fixture, "awake").join("plugin.toml");
    edit(
        &manifest,
        "(show|tell me) [the] awake",
        "since when am I awake",
    );
    // Nobody has agreed to what it is now.
    refused(&fixture, words);
    let doctor = said(&lucid(&fixture, &["doctor"], ""));
    assert!(
        doctor.contains("not the one that was agreed to"),
        "{doctor}"
    );
    let folder = plugin(&fixture, "awake").display().to_string();
    done(&fixture, &["plugin", "install", &folder], "y\n");
    answered(&fixture, "since when am I awake");
    refused(&fixture, words);

    // A mistake costs the function that it is in, and is told at its line.
    edit(&manifest, "effect = \"read\"", "effect = \"harmless\"");
    refused(&fixture, "since when am I awake");
    let doctor = said(&lucid(&fixture, &["doctor"], ""));
    assert!(
        doctor.contains("plugin.toml:14") && doctor.contains("harmless"),
        "{doctor}"
    );
    let list = done(&fixture, &["plugin", "list"], "");
    assert!(list.contains("has mistakes"), "{list}");
    edit(&manifest, "effect = \"harmless\"", "effect = \"read\"");
    answered(&fixture, "since when am I awake");

    done(&fixture, &["plugin", "disable", "awake"], "");
    refused(&fixture, "since when am I awake");
    assert!(done(&fixture, &["plugin", "list"], "").contains("off"));
    done(&fixture, &["plugin", "enable", "awake"], "");
    answered(&fixture, "since when am I awake");

    done(&fixture, &["plugin", "pack", "awake"], "");
    done(&fixture, &["plugin", "remove", "awake"], "");
    refused(&fixture, "since when am I awake");
    done(&fixture, &["plugin", "install", "awake.zip"], "y\n");
    answered(&fixture, words);
    refused(&fixture, "since when am I awake");
}

#[tokio::test]
async fn what_a_new_plugin_does_is_tried_in_a_world_of_its_own() {
    let fixture = Fixture::start(SCRIPT).await;
    for (kind, count) in [("mcp", 2), ("dbus", 1), ("command", 1)] {
        let id = format!("new_{kind}");
        done(&fixture, &["plugin", "new", kind, &id], "");
        let right = done(&fixture, &["plugin", "check", &id], "");
        assert!(right.contains("no mistakes"), "{right}");
        let told = done(&fixture, &["plugin", "test", &id], "");
        let all = format!("{count} of {count} tests passed");
        assert!(told.contains(&all), "{kind}: {told}");
    }
    assert!(!plugin(&fixture, "new_mcp").exists());
    assert!(
        !fixture
            .home()
            .join(".local/share/lucid/plugin-data")
            .exists()
    );

    // What does not hold is told, with what was found.
    let folder = fixture.home().join("new_mcp");
    edit(
        &folder.join("tests.toml"),
        "gives = [{ item = \"milk\" }]",
        "gives = []",
    );
    let output = lucid(&fixture, &["plugin", "test", "new_mcp"], "");
    assert_eq!(output.status.code(), Some(1));
    for part in [
        "new_mcp.show gives [{\"item\":\"milk\"}]   wanted: []",
        "succeeded, though it should fail",
        "0 of 2 tests passed",
    ] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }
    edit(&folder.join("tests.toml"), "undo = true", "undone = true");
    let output = lucid(&fixture, &["plugin", "test", "new_mcp"], "");
    assert!(said(&output).contains("tests.toml:8"), "{}", said(&output));

    // Nobody says yes to everything in the world of a person.
    let output = lucid(&fixture, &["plugin", "trial", "new_command"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("world of their own"),
        "{}",
        said(&output)
    );
}

/// Reads lines until one holds `part`, and returns it.
#[track_caller]
fn line_with(lines: &Receiver<String>, part: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    let mut others = Vec::new();
    while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if line.contains(part) {
            return line;
        }
        others.push(line);
    }
    panic!("no line has {part}: {others:?}");
}

#[tokio::test]
async fn an_author_sees_changes_calls_and_what_the_server_complains() {
    let fixture = Fixture::start(SCRIPT).await;
    done(&fixture, &["plugin", "new", "mcp", "groceries"], "");
    let mut dev = fixture.command(&["plugin", "dev", "groceries"]);
    let mut dev = dev.current_dir(fixture.home()).spawn().unwrap();
    let mut input = dev.stdin.take().unwrap();
    input.write_all(b"y\n").unwrap();
    let output = BufReader::new(dev.stdout.take().unwrap());
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    line_with(&lines, "no mistakes");
    answered(&fixture, "show groceries");
    line_with(&lines, "groceries.show(");

    let server = fixture.home().join("groceries/server.py");
    edit(
        &server,
        "    return [{",
        "    print(\"the list is short\", file=sys.stderr)\n    return [{",
    );
    edit(&server, "import pathlib\n", "import pathlib\nimport sys\n");
    line_with(&lines, "no mistakes");
    answered(&fixture, "show groceries");
    let complaint = line_with(&lines, "the list is short");
    assert!(complaint.contains('│'), "{complaint}");
    let log = fixture
        .home()
        .join(".local/state/lucid/plugins/groceries.log");
    let mode = std::fs::metadata(&log).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    edit(
        &fixture.home().join("groceries/plugin.toml"),
        "effect = \"read\"",
        "effect = \"harmless\"",
    );
    line_with(&lines, "harmless");
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&dev),
        rustix::process::Signal::INT,
    )
    .unwrap();
    assert!(dev.wait().unwrap().success());
    assert!(!plugin(&fixture, "groceries").exists(), "the link is gone");
}

/// The example index, its plugin and the key that it is signed with.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../plugins")
        .join(name)
}

/// Writes down an index in the settings.
fn set_index(fixture: &Fixture, folder: &Path) {
    let key = std::fs::read_to_string(example("index/minisign.pub")).unwrap();
    let key = key.lines().nth(1).unwrap();
    let place = folder.display();
    let settings =
        format!("[[index]]\nname = \"examples\"\nplace = \"{place}\"\nkey = \"{key}\"\n");
    let config = fixture.home().join(".config/lucid");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("indexes.toml"), settings).unwrap();
}

#[tokio::test]
async fn a_plugin_of_a_signed_index_is_found_installed_and_used() {
    let fixture = Fixture::start(SCRIPT).await;
    let none = lucid(&fixture, &["plugin", "search"], "");
    assert_eq!(none.status.code(), Some(1));
    assert!(said(&none).contains("indexes.toml"), "{}", said(&none));

    set_index(&fixture, &example("index"));
    let found = done(&fixture, &["plugin", "search", "time", "sheet"], "");
    assert!(found.contains("hours.report"), "{found}");
    let nothing = done(&fixture, &["plugin", "search", "moon"], "");
    assert!(nothing.contains("No plugin of the indexes"), "{nothing}");
    let asked = done(&fixture, &["plugin", "install", "hours"], "y\n");
    for part in [
        "comes from the index examples",
        "no network",
        "is installed",
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    // It writes into the sheet for good, so it is asked.
    answered(&fixture, "show me my time sheet");
    let unasked = lucid(&fixture, &["ask", "start working on Apollo"], "");
    assert_eq!(unasked.status.code(), Some(4), "{}", said(&unasked));
    let begun = done(&fixture, &["ask", "start working on Apollo"], "y\n");
    assert!(begun.contains("Counting time for “Apollo”"), "{begun}");
    let sheet = answered(&fixture, "show me my time sheet");
    assert!(sheet.contains("Apollo"), "{sheet}");
    let stopped = done(&fixture, &["ask", "stop working"], "y\n");
    assert!(stopped.contains("The time sheet rests"), "{stopped}");
    let twice = lucid(&fixture, &["ask", "stop working"], "y\n");
    assert!(
        said(&twice).contains("Nothing is being counted"),
        "{}",
        said(&twice)
    );
    let unknown = lucid(&fixture, &["plugin", "install", "ours"], "y\n");
    assert!(
        said(&unknown).contains("no index has a plugin"),
        "{}",
        said(&unknown)
    );
}

#[tokio::test]
async fn nothing_comes_from_an_index_that_was_changed() {
    let fixture = Fixture::without_kernel(SCRIPT);
    let copy = fixture.home().join("index");
    std::fs::create_dir(&copy).unwrap();
    for file in ["hours.zip", "index.json", "index.json.minisig"] {
        std::fs::copy(example("index").join(file), copy.join(file)).unwrap();
    }
    set_index(&fixture, &copy);
    std::fs::write(copy.join("hours.zip"), "another").unwrap();
    let other = lucid(&fixture, &["plugin", "install", "hours"], "y\n");
    assert!(
        said(&other).contains("is not what the index lists"),
        "{}",
        said(&other)
    );
    edit(&copy.join("index.json"), "irreversible", "read");
    for arguments in [&["plugin", "search"][..], &["plugin", "install", "hours"]] {
        let unsigned = lucid(&fixture, arguments, "y\n");
        assert_eq!(unsigned.status.code(), Some(1));
        assert!(
            said(&unsigned).contains("is not signed"),
            "{}",
            said(&unsigned)
        );
    }
    let list = done(&fixture, &["plugin", "list"], "");
    assert!(list.contains("No plugin was added"), "{list}");
}

#[test]
fn the_example_index_holds_what_the_example_is() {
    let unpacked = tempfile::tempdir().unwrap();
    let archive = example("index/hours.zip");
    let folder = functions::plugins::unpack(&archive, unpacked.path()).unwrap();
    let sdk = example("sdk/python/lucid_plugin.py");
    for file in ["plugin.toml", "server.py", "lucid_plugin.py"] {
        let source = std::fs::read(example("examples/hours").join(file)).unwrap();
        let again = "pack it and sign the index anew: docs/plugins.md#indexes";
        assert!(
            source == std::fs::read(folder.join(file)).unwrap(),
            "{file}: {again}"
        );
        if file == "lucid_plugin.py" {
            assert!(
                source == std::fs::read(&sdk).unwrap(),
                "{file} is not the SDK's"
            );
        }
    }
}

#[tokio::test]
async fn what_a_person_mistypes_is_told_and_nothing_is_lost() {
    let fixture = Fixture::without_kernel(SCRIPT);
    let failed = |arguments: &[&str], part: &str| {
        let output = lucid(&fixture, arguments, "");
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(
            said(&output).contains(part),
            "{arguments:?}: {}",
            said(&output)
        );
    };
    failed(
        &["plugin", "new", "command", "My Plugin"],
        "cannot be called",
    );
    failed(&["plugin", "check", "."], "no plugin.toml");
    failed(&["plugin", "install", "/nowhere"], "/nowhere");
    failed(&["plugin", "info", "nobody"], "No plugin that was added");
    failed(&["plugin", "remove", "../.."], "cannot be called");
    failed(&["plugin", "disable", "nobody"], "No plugin that was added");
    done(&fixture, &["plugin", "new", "command", "mine"], "");
    failed(&["plugin", "new", "mcp", "mine"], "is there already");
    edit(
        &fixture.home().join("mine/plugin.toml"),
        "mine.show()",
        "mine.shows()",
    );
    let wrong = lucid(&fixture, &["plugin", "check", "mine"], "");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("mine.shows"), "{}", said(&wrong));
    failed(&["plugin", "install", "mine"], "has mistakes");
    let list = done(&fixture, &["plugin", "list"], "");
    assert!(list.contains("No plugin was added"), "{list}");
}
