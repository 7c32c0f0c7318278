//! What an app offers by itself, asked for in words: without a model, and never without a question.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the programs that it tests"
)]

mod support;

use std::{
    collections::HashMap,
    io::Write as _,
    process::Output,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use protocol::{DoctorCheck, DoctorState, SearchReport};
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

/// A runner of KRunner's, with what it was told and what it was to open.
#[derive(Default, Clone)]
struct Marks(Arc<Mutex<Vec<String>>>);

type Match = (
    String,
    String,
    String,
    i32,
    f64,
    HashMap<String, zbus::Variant<'static>>,
);

#[zbus::interface(name = "org.kde.krunner1")]
impl Marks {
    #[zbus(name = "Match")]
    fn find(&self, words: &str) -> Vec<Match> {
        self.0.lock().unwrap().push(format!("find {words}"));
        let title = format!("About {words}");
        let none = HashMap::new();
        vec![("page".to_owned(), title, String::new(), 100, 1.0, none)]
    }

    fn run(&self, result: &str, action: &str) {
        self.0.lock().unwrap().push(format!("run {result}{action}"));
    }
}

#[tokio::test]
async fn only_an_app_that_the_person_has_named_is_told_what_is_typed() {
    let mut fixture = Fixture::without_kernel(SCRIPT);
    let folder = fixture.home().join(".local/share/krunner/dbusplugins");
    std::fs::create_dir_all(&folder).unwrap();
    let entry = "[Desktop Entry]\nName=Bookmarks\nX-Plasma-API=DBus\n\
        X-Plasma-DBusRunner-Service=org.test.marks\nX-Plasma-DBusRunner-Path=/marks\n";
    std::fs::write(folder.join("marks.desktop"), entry).unwrap();
    fixture.start_kernel().await;
    let marks = Marks::default();
    let bus = fixture.bus().await;
    bus.object_server()
        .at("/marks", marks.clone())
        .await
        .unwrap();
    bus.request_name("org.test.marks").await.unwrap();
    let told = || marks.0.lock().unwrap().clone();
    let search = async |fixture: &Fixture| -> SearchReport {
        let report = fixture.client().await.search_apps("snow").await.unwrap();
        serde_json::from_str(&report).unwrap()
    };
    assert_eq!(search(&fixture).await.results, []);
    let forged = r#"hit:["marks.desktop","snow","page"]"#;
    let client = fixture.client().await;
    let refused = client.open(forged, &support::options()).await;
    assert!(refused.unwrap_err().to_string().contains("no longer there"));
    assert_eq!(told(), [""; 0], "nobody has allowed it");

    fixture.kill_kernel();
    let settings = fixture.home().join(".config/lucid");
    std::fs::create_dir_all(&settings).unwrap();
    let text = "[apps]\nanswer_searches = [\"marks\", \"nothing\"]\n";
    std::fs::write(settings.join("settings.toml"), text).unwrap();
    fixture.start_kernel().await;
    let checks = fixture.client().await.doctor("en").await.unwrap();
    let checks: Vec<DoctorCheck> = serde_json::from_str(&checks).unwrap();
    let of_apps = checks
        .iter()
        .filter(|check| check.name == "answers of apps");
    let of_apps: Vec<_> = of_apps
        .map(|check| (check.state, &*check.finding))
        .collect();
    assert!(
        matches!(
            of_apps.as_slice(),
            [(DoctorState::Works, marks), (DoctorState::Missing, nothing)]
                if marks.contains("`marks`") && nothing.contains("`nothing`")
        ),
        "{of_apps:?}"
    );
    let found = search(&fixture).await.results;
    assert_eq!(
        (&*found[0].title, &*found[0].subtitle),
        ("About snow", "Bookmarks")
    );
    assert_eq!(told(), ["find snow"]);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let opened = fixture
            .client()
            .await
            .open(&found[0].id, &support::options())
            .await;
        if opened.is_ok() {
            break;
        }
        assert!(Instant::now() < deadline, "{opened:?}");
        std::thread::sleep(STEP);
    }
    while told().len() < 2 {
        assert!(Instant::now() < deadline, "{:?}", told());
        tokio::time::sleep(STEP).await;
    }
    assert_eq!(told(), ["find snow", "run page"]);
    let log = fixture.log().await;
    let call = &log[0].entries[0].call;
    assert!(call.starts_with("app.marks_open_result("), "{call}");
}
