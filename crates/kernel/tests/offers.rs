//! What an app offers by itself, asked for in words: without a model, and never without a question.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the programs that it tests"
)]

mod support;

use std::{
    io::Write as _,
    process::Output,
    time::{Duration, Instant},
};

use support::{Fixture, SCRIPT};

/// How long what happens by itself is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(20);

/// An app with one action that leaves a trace.
fn install(fixture: &Fixture) -> std::path::PathBuf {
    let folder = fixture.home().join(".local/share/applications");
    std::fs::create_dir_all(&folder).unwrap();
    let trace = fixture.home().join("composed");
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Mail Reader\nName[zh_CN]=邮件阅读器\nExec=true\nActions=compose;\n\
         [Desktop Action compose]\nName=Compose Message\nName[zh_CN]=写新邮件\nExec=touch \"{}\"\n",
        trace.display()
    );
    std::fs::write(folder.join("org.test.MailReader.desktop"), entry).unwrap();
    trace
}

fn lucid(fixture: &Fixture, arguments: &[&str], answer: &str) -> Output {
    let mut child = fixture.command(arguments).spawn().unwrap();
    // A request that asks nothing has ended by now.
    let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).unwrap()
}

#[tokio::test]
async fn an_action_of_an_app_is_asked_for_in_words() {
    let mut fixture = Fixture::without_kernel(SCRIPT);
    let trace = install(&fixture);
    fixture.start_kernel().await;
    let deadline = Instant::now() + PATIENCE;
    let listed = loop {
        let listed = said(&lucid(&fixture, &["functions"], ""));
        if listed.contains("app.mail_reader_compose_message") {
            break listed;
        }
        assert!(Instant::now() < deadline, "{listed}");
        std::thread::sleep(STEP);
    };
    assert!(
        listed.contains("Mail Reader, action of its menu entry"),
        "{listed}"
    );

    let words = "compose message in mail reader";
    let refused = lucid(&fixture, &["ask", words], "n\n");
    assert_eq!(refused.status.code(), Some(4), "{}", said(&refused));
    for part in [
        "Compose Message",
        "Mail Reader (org.test.MailReader)",
        "Lucid does not know what it does",
    ] {
        assert!(said(&refused).contains(part), "{}", said(&refused));
    }
    assert!(!trace.exists(), "no means no");

    for words in [words, "用邮件阅读器写新邮件"] {
        let done = lucid(&fixture, &["ask", words], "y\n");
        assert_eq!(done.status.code(), Some(0), "{words}: {}", said(&done));
        let deadline = Instant::now() + PATIENCE;
        while !trace.exists() {
            assert!(Instant::now() < deadline, "{words}: {}", said(&done));
            std::thread::sleep(STEP);
        }
        std::fs::remove_file(&trace).unwrap();
    }

    let why = said(&lucid(&fixture, &["why"], ""));
    assert!(why.contains("app.mail_reader_compose_message"), "{why}");
}
