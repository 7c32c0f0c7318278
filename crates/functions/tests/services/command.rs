//! Plugins of a person's own: commands, and services that answer late or not at all.

use std::fs;

use functions::Registry;
use plan::{FunctionName, Value};

use crate::support::Fixture;

fn with_plugin(mut fixture: Fixture, functions: &str) -> Fixture {
    let folder = fixture.path("plugins/demo");
    fs::create_dir_all(&folder).unwrap();
    let head = "[plugin]\nid = \"demo\"\nsummary = \"Demo\"\n";
    fs::write(folder.join("plugin.toml"), format!("{head}{functions}")).unwrap();
    let (registry, errors) = Registry::load(&[&fixture.path("plugins")], &[]);
    assert_eq!(errors, []);
    fixture.registry = registry;
    fixture
}

fn function(name: &str, effect: &str, rest: &str) -> String {
    format!(
        "[[function]]\nname = \"{name}\"\nsummary = \"x\"\nsummary_zh = \"某\"\nlabel = \"x\"\n\
         label_zh = \"某\"\neffect = \"{effect}\"\n{rest}\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_gets_its_arguments_whole() {
    let rest = "arguments = [{ name = \"text\", type = \"text\" }, { name = \"more\", type = \"text\" }]\n\
         output = { kind = \"value\", type = \"list(text)\" }\n\
         command = { argv = [\"printf\", '%s\\n', \"{text}\", \"<{more}>\"], stdout = \"lines\" }";
    let fixture = with_plugin(Fixture::new(), &function("demo.echo", "read", rest));
    let odd = "a b; rm -rf $HOME `x` \"q\" 中";
    let outcome = fixture
        .call("demo.echo", &[("text", odd.into())])
        .await
        .unwrap();
    assert_eq!(outcome.value, Value::List(vec![odd.into(), "<>".into()]));
    let error = fixture
        .call("demo.echo", &[("text", "--version".into())])
        .await
        .unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "What was given for “text” cannot be used."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_runs_again_only_behind_a_run_that_succeeded() {
    let fixture = Fixture::new();
    let (one, two) = (fixture.path("one"), fixture.path("two"));
    let rest = format!(
        "arguments = [{{ name = \"first\", type = \"text\", required = true }}]\n\
         command = {{ argv = [\"mkdir\", \"{{first}}\"], then = [[\"--\", \"{}\"], [\"-p\", \"{{first}}/in\"]] }}",
        two.display()
    );
    let fixture = with_plugin(fixture, &function("demo.make", "transient", &rest));
    let first = [("first", Value::from(&*one.to_string_lossy()))];
    fixture.call("demo.make", &first).await.unwrap();
    assert!(one.join("in").is_dir() && two.is_dir());
    fs::remove_dir(&two).unwrap();
    // The folder is there: nothing runs behind that.
    let error = fixture.call("demo.make", &first).await.unwrap_err();
    assert!(!error.problem.sentence.contains("is done"), "{error}");
    assert!(!two.exists());
    // What has been done is told where a further run fails.
    fs::remove_dir_all(&one).unwrap();
    fs::create_dir(&two).unwrap();
    let error = fixture.call("demo.make", &first).await.unwrap_err();
    assert!(
        error
            .problem
            .sentence
            .ends_with("What comes before that is done."),
        "{error}"
    );
    assert!(one.is_dir());
    let option = [("first", Value::from("--help"))];
    assert!(fixture.call("demo.make", &option).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_prints_nothing_may_be_a_failure() {
    let rest = "arguments = [{ name = \"word\", type = \"text\", required = true }]\n\
         command = { argv = [\"printf\", \"%s\", \"{word}\"], nothing = \"There is none.\" }";
    let fixture = with_plugin(Fixture::new(), &function("demo.say", "transient", rest));
    let word = |word: &'static str| [("word", Value::from(word))];
    fixture.call("demo.say", &word("a")).await.unwrap();
    for blank in ["", " "] {
        let error = fixture.call("demo.say", &word(blank)).await.unwrap_err();
        assert_eq!(error.problem.sentence, "There is none.");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_becomes_rows() {
    let rest = "output = { kind = \"rows\", fields = [{ name = \"n\", type = \"number\" }, { name = \"s\", type = \"text\" }] }\n\
         [function.command]\n\
         argv = [\"printf\", '{\"rows\":[{\"v\":1500,\"s\":[\"a\",\"b\"]},{\"v\":null}]}']\n\
         stdout = \"json\"\nresult = { at = [\"rows\"] }\n\
         fields = { n = { at = [\"v\"], scale = 0.001, default = -1 }, s = { join = \"+\", at = [\"s\"], default = \"none\" } }";
    let fixture = with_plugin(Fixture::new(), &function("demo.rows", "read", rest));
    let row = |n: f64, s: &str| Value::record([("n", n.into()), ("s", s.into())]);
    assert_eq!(
        fixture.read("demo.rows").await,
        Value::List(vec![row(1.5, "a+b"), row(-1.0, "none")])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_are_absent_fail_or_hang_say_so() {
    let functions = [
        function(
            "demo.absent",
            "transient",
            "command = { argv = [\"no-such-program\"] }",
        ),
        function(
            "demo.fail",
            "transient",
            "command = { argv = [\"ls\", \"/nowhere/at/all\"] }",
        ),
        function(
            "demo.hang",
            "transient",
            "command = { argv = [\"sleep\", \"60\"], timeout = 0.2 }",
        ),
    ];
    let fixture = with_plugin(Fixture::new(), &functions.concat());
    assert!(!fixture.offers("demo.absent").await);
    let (sentence, remedy) = fixture.missing("demo.absent").await;
    assert_eq!(sentence, "The program no-such-program is not installed.");
    assert_eq!(remedy, "Install the package that has no-such-program.");
    let error = fixture.call("demo.fail", &[]).await.unwrap_err();
    assert!(
        error
            .problem
            .sentence
            .contains("cannot access '/nowhere/at/all'"),
        "{error}"
    );
    let error = fixture.call("demo.hang", &[]).await.unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "sleep took too long and was stopped."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_never_started_unless_the_manifest_says_so() {
    let rest = |activatable: bool| {
        format!(
            "dbus = {{ bus = \"session\", name = \"org.example.Demo\", path = \"/\", \
             interface = \"org.example.Demo\", method = \"Do\", activatable = {activatable} }}"
        )
    };
    let functions = [
        function("demo.wait", "transient", &rest(false)),
        function("demo.start", "transient", &rest(true)),
    ];
    let mut fixture = Fixture::new();
    let started = fixture.path("started");
    let services = fixture.path("home/.local/share/dbus-1/services");
    fs::create_dir_all(&services).unwrap();
    let service = format!(
        "[D-BUS Service]\nName=org.example.Demo\nExec=/usr/bin/touch {}\n",
        started.display()
    );
    fs::write(services.join("org.example.Demo.service"), service).unwrap();
    fixture.service_folder = Some(services);
    let fixture = with_plugin(fixture.with_session_bus().await, &functions.concat());
    assert!(!fixture.offers("demo.wait").await);
    assert!(fixture.call("demo.wait", &[]).await.is_err());
    assert!(!started.exists());
    assert!(fixture.offers("demo.start").await);
    // The bus starts it; what it starts here never takes the name.
    assert!(fixture.call("demo.start", &[]).await.is_err());
    assert!(started.exists());
}

#[test]
fn an_inverse_that_is_not_there_costs_its_function_only() {
    let fixture = Fixture::new();
    let folder = fixture.path("plugins/demo");
    fs::create_dir_all(&folder).unwrap();
    let inverse = |read: &str| {
        format!(
            "inverse = {{ function = \"demo.set\", read = \"{read}\" }}\ncommand = {{ argv = [\"true\"] }}"
        )
    };
    let head = "[plugin]\nid = \"demo\"\nsummary = \"Demo\"\n";
    let text = [
        head.to_owned(),
        function("demo.set", "reversible", &inverse("demo.get")),
        function("demo.ok", "transient", "command = { argv = [\"true\"] }"),
        function("audio.mute", "transient", "command = { argv = [\"true\"] }"),
        function("demo.bad", "reversible", &inverse("demo.ok")),
    ];
    fs::write(folder.join("plugin.toml"), text.concat()).unwrap();
    let (registry, errors) = Registry::load(&[&fixture.path("plugins")], &[]);
    let reasons: Vec<&str> = errors.iter().map(|error| error.reason.as_str()).collect();
    assert!(
        reasons
            .iter()
            .any(|r| r.contains("`audio.mute` exists already")),
        "{reasons:?}"
    );
    assert!(
        reasons
            .iter()
            .any(|r| r.contains("`demo.get`, which is not a function")),
        "{reasons:?}"
    );
    assert!(
        reasons
            .iter()
            .any(|r| r.contains("whose effect is not `read`")),
        "{reasons:?}"
    );
    assert!(
        registry
            .function(&FunctionName::new("demo.ok").unwrap())
            .is_some()
    );
    assert!(
        registry
            .function(&FunctionName::new("demo.set").unwrap())
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_stays_done_when_its_effect_cannot_be_read() {
    let fixture = Fixture::new();
    let file = fixture.path("value");
    fs::write(&file, "old").unwrap();
    let file = file.display();
    let read = format!(
        "output = {{ kind = \"value\", type = \"text\" }}\n\
         command = {{ argv = [\"cat\", \"{file}\"], stdout = \"text\" }}"
    );
    // The act takes away what its effect would be read from, as a player does that ends.
    let act = format!(
        "arguments = [{{ name = \"to\", type = \"text\", required = true }}]\n\
         inverse = {{ function = \"demo.set\", arguments = {{ to = \"{{before}}\" }}, read = \"demo.get\", after = \"{{to}}\" }}\n\
         command = {{ argv = [\"rm\", \"{file}\"] }}"
    );
    let functions = [
        function("demo.get", "read", &read),
        function("demo.set", "reversible", &act),
    ];
    let fixture = with_plugin(fixture, &functions.concat());
    let outcome = fixture
        .call("demo.set", &[("to", "new".into())])
        .await
        .expect("the act is done");
    let undo = outcome.undo.expect("and can be taken back");
    assert_eq!(undo.arguments, [("to".to_owned(), Value::from("old"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_names_are_made_visible_in_notes() {
    let rest = "arguments = [{ name = \"name\", type = \"text\" }]\n\
         done = { en = \"Did {name}.\", zh = \"{name}。\" }\n\
         command = { argv = [\"true\", \"{name}\"] }";
    let failing = "arguments = [{ name = \"name\", type = \"text\" }]\n\
         command = { argv = [\"ls\", \"/nowhere/{name}\"] }";
    let functions = [
        function("demo.good", "transient", rest),
        function("demo.bad", "transient", failing),
    ];
    let fixture = with_plugin(Fixture::new(), &functions.concat());
    let name = [("name", "a\u{202e}b".into())];
    let good = fixture.call("demo.good", &name).await.unwrap();
    assert_eq!(good.note, "Did a⟨U+202E⟩b.");
    let bad = fixture.call("demo.bad", &name).await.unwrap_err();
    assert!(!bad.problem.sentence.contains('\u{202e}'), "{bad}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_become_rows() {
    let rest = "output = { kind = \"rows\", key = \"where\", fields = [\n\
         { name = \"size\", type = \"number\" }, { name = \"id\", type = \"text\" }, { name = \"where\", type = \"text\" }] }\n\
         [function.command]\n\
         argv = [\"printf\", 'Size  Id  Mounted on\\n 1024  007  /media/my disk\\n\\n x\\n']\n\
         stdout = \"columns\"\nskip = 1";
    let tabs = rest.replace(
        "argv = [\"printf\", 'Size  Id  Mounted on\\n 1024  007  /media/my disk\\n\\n x\\n']",
        "argv = [\"printf\", 'head\\n5\\t\\tx y\\n']\nseparator = \"\\t\"",
    );
    let functions = [
        function("demo.disks", "read", rest),
        function("demo.tabs", "read", &tabs),
    ];
    let fixture = with_plugin(Fixture::new(), &functions.concat());
    let row = |size: f64, id: &str, place: &str| {
        Value::record([
            ("size", size.into()),
            ("id", id.into()),
            ("where", place.into()),
        ])
    };
    assert_eq!(
        fixture.read("demo.disks").await,
        Value::List(vec![row(1024.0, "007", "/media/my disk")])
    );
    assert_eq!(
        fixture.read("demo.tabs").await,
        Value::List(vec![row(5.0, "", "x y")])
    );
}

/// An object of a service that tells what it was called with.
struct Echo(&'static str);

#[zbus::interface(name = "org.example.Echo")]
impl Echo {
    fn take(&self, facts: std::collections::BTreeMap<String, zbus::OwnedVariant>) -> String {
        let fact = |(name, value): (&String, &zbus::OwnedVariant)| format!("{name}={value:?}");
        let facts: Vec<String> = facts.iter().map(fact).collect();
        format!("{}: {}", self.0, facts.join(" "))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn maps_have_the_entries_that_were_given_and_paths_the_arguments() {
    let rest = "arguments = [{ name = \"device\", type = \"text\", required = true }, { name = \"level\", type = \"int\" }]\n\
         output = { kind = \"value\", type = \"text\" }\n\
         [function.dbus]\n\
         bus = \"session\"\nname = \"org.example.Echo\"\npath = \"/org/example/{device}\"\n\
         interface = \"org.example.Echo\"\nmethod = \"Take\"\n\
         arguments = [{ type = \"a{sv}\", entries = { level = { type = \"y\", from = \"level\" }, kind = { type = \"s\", value = \"lamp\" } } }]";
    let fixture = Fixture::new().with_session_bus().await;
    let address = format!("unix:path={}", fixture.path("session").display());
    let _service = zbus::connection::Builder::address(address.as_str())
        .name("org.example.Echo")
        .serve_at("/org/example/one", Echo("one"))
        .serve_at("/org/example/two", Echo("two"))
        .build()
        .await
        .unwrap();
    let fixture = with_plugin(fixture, &function("demo.take", "read", rest));
    let given = |device: &str, level: Option<f64>| {
        let mut arguments = vec![("device", Value::from(device))];
        arguments.extend(level.map(|level| ("level", level.into())));
        let fixture = &fixture;
        async move {
            match fixture.call("demo.take", &arguments).await {
                Ok(outcome) => outcome.value.as_text().unwrap().to_owned(),
                Err(error) => error.problem.sentence,
            }
        }
    };
    let two = given("two", Some(3.0)).await;
    assert!(
        two.starts_with("two: ") && two.contains("lamp") && two.contains('3'),
        "{two}"
    );
    let one = given("one", None).await;
    assert!(one.starts_with("one: ") && !one.contains("level"), "{one}");
    for device in ["../two", "a/b", ""] {
        let refused = given(device, None).await;
        assert!(refused.contains("cannot be used"), "{device}: {refused}");
    }
    let refused = given("one", Some(700.0)).await;
    assert!(refused.contains("cannot be used"), "{refused}");
}
