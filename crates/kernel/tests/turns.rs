//! Turns of the real kernel on a private bus, planned by a script.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may break off, and starts programs of its own"
)]

mod support;

use protocol::{Outcome, StatementState, TurnEvent, TurnReport};
use support::{Fixture, SCRIPT, Turn, options};

#[tokio::test]
async fn a_folder_is_made_and_taken_back() {
    let fixture = Fixture::start(SCRIPT).await;
    let turn = fixture.ask("make a folder for letters").await;
    assert_eq!(turn.finish().outcome, Outcome::Done, "{:?}", turn.events);
    assert!(turn.finish().undoable);
    assert!(fixture.home().join("letters").is_dir());
    let undone = fixture.undo("").await;
    assert_eq!(
        undone.finish().outcome,
        Outcome::Done,
        "{:?}",
        undone.events
    );
    assert!(!fixture.home().join("letters").exists());
    assert!(!undone.finish().undoable, "there is no redo by Ctrl+Z");
    let marked = |report: &TurnReport| report.entries.iter().any(|entry| entry.undoable);
    assert!(
        !fixture.log().await.iter().any(marked),
        "nor does the log mark one"
    );
}

#[tokio::test]
async fn who_says_undo_that_means_no_older_turn() {
    let fixture = Fixture::start(SCRIPT).await;
    fixture.ask("make a folder for letters").await;
    let letters = fixture.home().join("letters");
    let told = fixture.run("say(\"hello\")\n").await;
    assert_eq!(told.finish().outcome, Outcome::Answered);
    let client = fixture.client().await;
    for words in ["undo that", "撤销刚才的操作"] {
        let refused = client.ask(words, &options()).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("make a folder for letters"), "{said}");
        assert!(letters.is_dir(), "{words}");
    }
    let undone = fixture.ask("undo the last change").await;
    assert_eq!(undone.finish().outcome, Outcome::Done);
    assert!(!letters.exists());

    // The turn just before is meant, also where that took something back.
    fixture.run("files.make_folder(\"~/older\")\n").await;
    fixture.ask("make a folder for letters").await;
    for _ in 0..2 {
        fixture.ask("undo that").await;
        assert!(!letters.exists());
    }
    assert!(!fixture.home().join("older").exists());
}

#[tokio::test]
async fn words_do_not_refer_to_what_was_taken_back() {
    const SCRIPT: &str = r#"
[[answer]]
user = "about it"
text = "files.info(r)\n"

[[answer]]
user = "letters"
text = "files.make_folder(\"~/letters\")\n"
"#;
    let fixture = Fixture::start(SCRIPT).await;
    fixture.ask("make a folder for letters").await;
    let told = fixture.ask("tell me about it").await;
    assert_eq!(told.finish().outcome, Outcome::Done, "{:?}", told.events);
    fixture.undo("").await;
    let turn = fixture.ask("tell me about it").await;
    let events = format!("{:?}", turn.events);
    assert!(!events.contains("letters"), "{events}");
    assert_ne!(
        turn.finish().outcome,
        Outcome::Failed,
        "it asks which: {events}"
    );
}

/// A kernel with these settings.
async fn with_settings(script: &str, settings: &str) -> Fixture {
    let mut fixture = Fixture::without_kernel(script);
    let folder = fixture.home().join(".config/lucid");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.toml"), settings).unwrap();
    fixture.start_kernel().await;
    fixture
}

#[tokio::test]
async fn a_request_over_its_budget_of_tokens_ends_and_names_the_setting() {
    let fixture = with_settings(SCRIPT, "[budget]\ntokens = 4\n").await;
    let turn = fixture.ask("make a folder for letters").await;
    assert_eq!(turn.finish().outcome, Outcome::Failed, "{:?}", turn.events);
    let failures = turn.failures();
    assert!(
        failures[0].contains("more than the 4 tokens"),
        "{failures:?}"
    );
    assert!(!fixture.home().join("letters").exists());
    let client = fixture.client().await;
    let planned = client.plan("make a folder for letters", &options()).await;
    let report: protocol::PlanReport = serde_json::from_str(&planned.unwrap()).unwrap();
    let problem = report.problem.unwrap();
    assert_eq!(problem.id, "budget-tokens");
    assert!(
        problem.remedy.contains("`tokens` beneath `[budget]`"),
        "{problem:?}"
    );
}

#[tokio::test]
async fn what_was_done_within_the_budget_stays_done() {
    let script = r#"
[[answer]]
user = "two folders"
text = """
files.make_folder("~/One")
files.make_folder("~/Two")
"""
token_ms = 30
"#;
    let fixture = with_settings(script, "[budget]\ntokens = 9\n").await;
    let turn = fixture.ask("make two folders One and Two").await;
    assert_eq!(turn.finish().outcome, Outcome::Partial, "{:?}", turn.events);
    assert!(turn.finish().undoable);
    assert!(fixture.home().join("One").exists() && !fixture.home().join("Two").exists());
}

#[tokio::test]
async fn a_request_over_its_budget_of_time_ends() {
    let fixture = with_settings(SCRIPT, "[budget]\nseconds = 0.3\n").await;
    let turn = fixture.ask("write for ever").await;
    assert_eq!(turn.finish().outcome, Outcome::Failed, "{:?}", turn.events);
    let failures = turn.failures();
    assert!(
        failures[0].contains("longer than the 0.3 s"),
        "{failures:?}"
    );
}

/// A small model that does not do, a larger one that does for some words, and one elsewhere.
const LADDER: &str = r#"
[[answer]]
user = "letters"
text = 'letters.write()'

[[answer]]
user = "poems"
text = 'files.make_folder("~/Wrong")'
legal_mass = 0.1
gated_text = 'say("I cannot do that")'

[[answer]]
user = "two"
text = """
files.make_folder("~/One")
letters.write()
"""

[[answer]]
user = "far"
text = 'letters.write()'

[[other]]
model = "big"

[[other.answer]]
user = "far"
text = 'letters.write()'

[[other.answer]]
user = ""
text = 'files.make_folder("~/letters")'

[[other]]
model = "cloud"
is_elsewhere = true

[[other.answer]]
user = ""
text = 'files.make_folder("~/letters")'
"#;

/// The model that wrote the plan of a turn, with those that were asked before.
async fn route(fixture: &Fixture, turn: &str) -> (String, Vec<protocol::RouteStep>) {
    let why = fixture.client().await.why(turn).await.unwrap();
    let why: protocol::WhyReport = serde_json::from_str(&why).unwrap();
    match why.route {
        Some(protocol::Route::Model { model, steps, .. }) => (model, steps),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn without_settings_no_other_model_is_asked() {
    let fixture = Fixture::start(LADDER).await;
    let failed = fixture.ask("make a folder for letters").await;
    assert_eq!(failed.finish().outcome, Outcome::Failed);
    let said = fixture.ask("make a folder Letters for poems").await;
    assert_eq!(
        said.finish().outcome,
        Outcome::Answered,
        "{:?}",
        said.events
    );
    assert_eq!(
        route(&fixture, &said.id).await,
        ("scripted".to_owned(), vec![])
    );
}

#[tokio::test]
async fn a_larger_model_is_asked_where_the_settings_allow_it() {
    let fixture = with_settings(LADDER, "[delegation]\nlarger = \"big\"\n").await;
    for (words, folder, reason) in [
        (
            "make a folder for letters",
            "letters",
            "did not pass the check",
        ),
        ("make a folder Letters for poems", "Letters", "was not sure"),
    ] {
        let turn = fixture.ask(words).await;
        assert_eq!(turn.finish().outcome, Outcome::Done, "{:?}", turn.events);
        assert!(fixture.home().join(folder).exists());
        assert!(
            !format!("{:?}", turn.events).contains("I cannot"),
            "{:?}",
            turn.events
        );
        let (model, steps) = route(&fixture, &turn.id).await;
        assert_eq!(model, "big");
        assert_eq!(steps.len(), 1);
        assert!(
            steps[0].model == "scripted" && steps[0].reason.contains(reason),
            "{steps:?}"
        );
        fixture.undo("").await;
    }
    let far = fixture.ask("make a folder Letters far away").await;
    assert_eq!(
        far.finish().outcome,
        Outcome::Failed,
        "nothing goes to a server unasked"
    );
}

#[tokio::test]
async fn the_settings_say_when_another_model_is_asked() {
    let settings = "[delegation]\nlarger = \"big\"\nwhen = [\"failed\"]\n";
    let fixture = with_settings(LADDER, settings).await;
    let turn = fixture.ask("make a folder Letters for poems").await;
    assert_eq!(
        turn.finish().outcome,
        Outcome::Answered,
        "{:?}",
        turn.events
    );
}

#[tokio::test]
async fn no_other_model_is_asked_once_a_line_was_sent() {
    let fixture = with_settings(LADDER, "[delegation]\nlarger = \"big\"\n").await;
    let turn = fixture.ask("make two folders, One and more").await;
    assert_eq!(turn.finish().outcome, Outcome::Partial, "{:?}", turn.events);
    assert!(fixture.home().join("One").exists() && !fixture.home().join("letters").exists());
    assert_eq!(route(&fixture, &turn.id).await.0, "scripted");
}

#[tokio::test]
async fn the_ladder_ends_at_a_server_and_each_setting_wants_its_own_kind() {
    let settings = "[delegation]\nlarger = \"big\"\nremote = \"cloud\"\n";
    let fixture = with_settings(LADDER, settings).await;
    let turn = fixture.ask("make a folder Letters far away").await;
    assert_eq!(turn.finish().outcome, Outcome::Done, "{:?}", turn.events);
    let (model, steps) = route(&fixture, &turn.id).await;
    let before: Vec<&str> = steps.iter().map(|step| step.model.as_str()).collect();
    assert_eq!((model.as_str(), before), ("cloud", vec!["scripted", "big"]));
    let tokens = turn.finish().tokens;
    assert!(tokens.decoded > 8, "all steps count: {tokens:?}");

    let fixture = with_settings(LADDER, "[delegation]\nlarger = \"cloud\"\n").await;
    let turn = fixture.ask("make a folder for letters").await;
    assert_eq!(turn.finish().outcome, Outcome::Failed, "{:?}", turn.events);
    let checks = fixture.client().await.doctor("en").await.unwrap();
    assert!(
        checks.contains("is not here or of another kind"),
        "{checks}"
    );
}

#[tokio::test]
async fn undo_refuses_when_the_world_has_changed() {
    let fixture = Fixture::start(SCRIPT).await;
    fixture.ask("make a folder for letters").await;
    std::fs::remove_dir(fixture.home().join("letters")).unwrap();
    let undone = fixture.undo("").await;
    assert_eq!(
        undone.finish().outcome,
        Outcome::Failed,
        "{:?}",
        undone.events
    );
    assert!(!undone.failures().is_empty());
}

#[tokio::test]
async fn a_failed_statement_does_not_hinder_those_that_do_not_need_it() {
    let fixture = Fixture::start(SCRIPT).await;
    std::fs::write(fixture.home().join("a.txt"), "a").unwrap();
    let plan = "files.make_folder(\"~/letters\")\nfiles.move(\"~/missing.txt\", \"~/letters\")\nfiles.rename(\"~/a.txt\", \"b.txt\")\n";
    let turn = fixture.run(plan).await;
    assert_eq!(
        turn.states(),
        [
            StatementState::Done,
            StatementState::Failed,
            StatementState::Done
        ]
    );
    assert_eq!(turn.finish().outcome, Outcome::Partial);
    assert!(
        turn.failures()[0].contains("missing.txt"),
        "{:?}",
        turn.failures()
    );
    assert!(fixture.home().join("b.txt").exists());
}

#[tokio::test]
async fn words_are_said_as_they_are() {
    let fixture = Fixture::start(SCRIPT).await;
    let turn = fixture.run("say(\"one\\ntwo ⟨three⟩\")").await;
    let text = "one\ntwo ⟨three⟩".to_owned();
    assert!(
        turn.events.contains(&TurnEvent::Said { text }),
        "who draws them makes them visible, once: {:?}",
        turn.events
    );
}

#[tokio::test]
async fn times_in_words_are_understood() {
    let fixture = Fixture::start(SCRIPT).await;
    for name in ["new.txt", "old.txt"] {
        std::fs::write(fixture.home().join(name), name).unwrap();
    }
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(30 * 86_400);
    std::fs::File::open(fixture.home().join("old.txt"))
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    let plan = "f = files.find(folder=\"~\", name=\"txt\", modified_after=\"yesterday\")\ntable(f, [\"name\"])\n";
    let turn = fixture.run(plan).await;
    let shown = format!("{:?}", turn.events);
    assert!(
        shown.contains("new.txt") && !shown.contains("old.txt"),
        "{shown}"
    );
}

#[tokio::test]
async fn what_needs_a_failed_statement_is_skipped() {
    let fixture = Fixture::start(SCRIPT).await;
    let turn = fixture
        .run("f = files.info(\"~/missing.txt\")\nfiles.trash(f)\n")
        .await;
    assert_eq!(
        turn.states(),
        [StatementState::Failed, StatementState::Skipped]
    );
    assert_eq!(turn.finish().outcome, Outcome::Failed);
}

#[tokio::test]
async fn a_query_draws_a_panel_whose_rows_can_be_acted_on() {
    let fixture = Fixture::start(SCRIPT).await;
    std::fs::write(fixture.home().join("a.txt"), "a").unwrap();
    let turn = fixture.ask("what is here").await;
    let panel = serde_json::to_string(
        &turn
            .events
            .iter()
            .filter(|e| matches!(e, TurnEvent::Panel { .. }))
            .collect::<Vec<_>>(),
    )
    .unwrap();
    assert!(
        panel.contains("a.txt") && panel.contains("files.trash"),
        "{panel}"
    );
    let handle = panel
        .split("\"ref\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_else(|| panic!("{panel}"));
    let component = table_id(&panel);
    let action = serde_json::json!({"surface": turn.id, "component": component, "verb": "files.trash", "ref": handle, "nonce": "nonce-0001"});
    let client = fixture.client().await;
    let events = client.receive_turn().await.unwrap();
    let pressed = client.act(&action.to_string()).await.unwrap();
    let pressed = support::Turn::follow(pressed, events).await;
    assert_eq!(
        pressed.finish().outcome,
        Outcome::Done,
        "a click makes the row the person's own choice: {:?}",
        pressed.events
    );
    assert!(!fixture.home().join("a.txt").exists());
    let again = client.act(&action.to_string()).await;
    assert!(
        again.is_ok_and(|turn| turn.is_empty()),
        "the same press is not done twice"
    );
    fixture.undo(&pressed.id).await;
    assert!(fixture.home().join("a.txt").exists());
}

fn table_id(panel: &str) -> String {
    let messages: serde_json::Value = serde_json::from_str(panel).unwrap();
    let mut found = String::new();
    let mut stack = vec![&messages];
    while let Some(value) = stack.pop() {
        match value {
            serde_json::Value::Object(fields) => {
                if fields.get("component").and_then(|c| c.as_str()) == Some("Table") {
                    found = fields["id"].as_str().unwrap_or_default().to_owned();
                }
                stack.extend(fields.values());
            }
            serde_json::Value::Array(items) => stack.extend(items),
            _ => {}
        }
    }
    found
}

#[tokio::test]
async fn stop_ends_a_turn_that_is_being_planned() {
    let fixture = Fixture::start(SCRIPT).await;
    let client = fixture.client().await;
    let events = client.receive_turn().await.unwrap();
    let turn = client.ask("write for ever", &options()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(client.stop("").await.unwrap(), 1);
    let turn = support::Turn::follow(turn, events).await;
    assert_eq!(turn.finish().outcome, Outcome::Stopped);
    assert_eq!(client.stop("").await.unwrap(), 0);
}

#[tokio::test]
async fn a_model_that_dies_costs_one_clear_sentence() {
    let fixture = Fixture::start(SCRIPT).await;
    let turn = fixture.ask("die").await;
    assert_eq!(turn.failures().len(), 1, "{:?}", turn.events);
    assert!(!fixture.home().join("Never").exists());
    let next = fixture.ask("make a folder for letters").await;
    assert_eq!(next.finish().outcome, Outcome::Done);
}

#[tokio::test]
async fn bad_requests_get_one_sentence_and_no_turn() {
    let fixture = Fixture::start(SCRIPT).await;
    let client = fixture.client().await;
    for words in ["", " \t\n", "\u{7}\u{1b}", &"long ".repeat(2000)] {
        let error = client.ask(words, &options()).await.unwrap_err().to_string();
        assert!(error.contains("request"), "{words:.20?}: {error}");
    }
    let error = client
        .run("files.make_foldr(\"~/x\")", &options())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("did you mean"), "{error}");
    let log: Vec<TurnReport> = serde_json::from_str(&client.log(10).await.unwrap()).unwrap();
    assert!(log.is_empty(), "{log:?}");
}

#[tokio::test]
async fn history_is_erased_on_request() {
    let fixture = Fixture::start(SCRIPT).await;
    fixture.run("say(\"hello\")").await;
    let client = fixture.client().await;
    assert_eq!(client.clear_history().await.unwrap(), 1);
    let log: Vec<TurnReport> = serde_json::from_str(&client.log(10).await.unwrap()).unwrap();
    assert!(log.is_empty(), "{log:?}");
}

#[tokio::test]
async fn a_second_kernel_leaves_the_first_alone() {
    let fixture = Fixture::start(SCRIPT).await;
    let second = fixture.spawn_kernel().wait().unwrap();
    assert!(second.success());
    assert_eq!(
        fixture
            .ask("make a folder for letters")
            .await
            .finish()
            .outcome,
        Outcome::Done
    );
}

#[tokio::test]
async fn the_second_one_is_the_second_that_was_shown() {
    const SCRIPT: &str = r#"
[[answer]]
user = "the second"
text = "files.info(r[1])\n"

[[answer]]
user = "largest"
text = "files.largest(folder=\"~/many\")\n"
"#;
    let fixture = Fixture::start(SCRIPT).await;
    let many = fixture.home().join("many");
    std::fs::create_dir_all(&many).unwrap();
    for (name, size) in [("one.bin", 3000), ("two.bin", 2000), ("three.bin", 1000)] {
        std::fs::write(many.join(name), vec![b'x'; size]).unwrap();
    }
    let shown = fixture.ask("show the largest files in many").await;
    assert_eq!(shown.finish().outcome, Outcome::Done);
    // What comes meanwhile does not change what the person saw.
    std::fs::write(many.join("zero.bin"), vec![b'x'; 9000]).unwrap();
    let told = fixture.ask("tell me about the second one").await;
    assert_eq!(told.finish().outcome, Outcome::Done, "{:?}", told.events);
    assert_eq!(told.states(), [StatementState::Done, StatementState::Done]);
    let events = format!("{:?}", told.events);
    assert!(
        events.contains("two.bin") && !events.contains("zero.bin"),
        "{events}"
    );
    let log = fixture.log().await;
    assert_eq!(
        log[0].plan.trim_end(),
        "r = files.largest(folder=\"~/many\")\nfiles.info(r[1])",
        "the plan stands by itself"
    );
}

#[tokio::test]
async fn a_plan_is_shown_whatever_is_missing_for_it() {
    // This world has no sound.
    let fixture = Fixture::start("[[answer]]\nuser = \"\"\ntext = \"audio.mute()\\n\"\n").await;
    let client = fixture.client().await;
    let report = client.plan("mute the sound", &options()).await.unwrap();
    let report: protocol::PlanReport = serde_json::from_str(&report).unwrap();
    assert_eq!(report.plan.trim_end(), "audio.mute()");
    assert_eq!(report.problem.unwrap().id, "audio-absent");
    let turn = fixture.ask("mute the sound").await;
    assert_eq!(turn.finish().outcome, Outcome::Failed, "{:?}", turn.events);
}

/// A home with a folder `many` of `count` texts of two bytes.
fn with_many(fixture: &Fixture, count: usize) {
    let many = fixture.home().join("many");
    std::fs::create_dir_all(&many).unwrap();
    for number in 0..count {
        std::fs::write(many.join(format!("{number}.txt")), "ab").unwrap();
    }
}

/// All that a turn drew.
fn drawn(turn: &support::Turn) -> String {
    let panels = turn.events.iter().filter_map(|event| match event {
        TurnEvent::Panel { messages } => Some(messages),
        _ => None,
    });
    serde_json::to_string(&panels.collect::<Vec<_>>()).unwrap()
}

#[tokio::test]
async fn what_is_counted_is_all_and_not_what_a_panel_shows() {
    let fixture = Fixture::start(SCRIPT).await;
    with_many(&fixture, 1_234);
    let plan = "f = files.find(folder=\"~/many\")\nn = count(f)\ns = sum(f, \"size\")\n\
        t = filter(f, \"size\", \">\", 1)\nm = count(t)\ntext(n)\ntext(s)\ntext(m)\n";
    let turn = fixture.run(plan).await;
    assert_eq!(turn.finish().outcome, Outcome::Done, "{:?}", turn.events);
    let shown = drawn(&turn);
    for (value, times) in [(1_234, 2), (2_468, 1)] {
        let value = format!("{{\"value\":{value}}}");
        assert_eq!(shown.matches(&value).count(), times, "{shown}");
    }
}

#[tokio::test]
async fn what_was_limited_in_words_stays_so() {
    let fixture = Fixture::start(SCRIPT).await;
    with_many(&fixture, 30);
    let plan = "f = files.find(folder=\"~/many\", limit=20)\nn = count(f)\ntext(n)\n\
        g = files.largest(\"~/many\")\nm = count(g)\ntext(m)\n";
    let shown = drawn(&fixture.run(plan).await);
    assert_eq!(shown.matches("{\"value\":20}").count(), 2, "{shown}");
    assert!(!shown.contains("{\"value\":30}"), "{shown}");
}

#[tokio::test]
async fn what_is_done_with_each_is_done_with_all() {
    let fixture = Fixture::start(SCRIPT).await;
    with_many(&fixture, 1_005);
    let plan = "f = files.find(folder=\"~/many\")\neach(f, files.info)\n";
    let turn = fixture.run(plan).await;
    let events = format!("{:?}", turn.events);
    assert!(events.contains("1005 of 1005"), "{events}");
}

#[tokio::test]
async fn all_lines_of_a_plan_see_the_same_rows() {
    let fixture = Fixture::start(SCRIPT).await;
    with_many(&fixture, 1_005);
    let plan = "f = files.find(folder=\"~/many\")\na = count(f)\nfiles.make_folder(\"~/many/new\")\nb = count(f)\ntext(b)\n";
    let turn = fixture.run(plan).await;
    let panel = drawn(&turn);
    assert!(panel.contains("1005"), "{panel}");
    assert!(!panel.contains("1006"), "{panel}");
}

#[tokio::test]
async fn what_a_reader_cost_is_a_part_of_what_the_turn_cost() {
    let script = "[[answer]]\nuser = \"Summarise this text\"\ntext = \"It is about a cat.\"\n";
    let fixture = Fixture::start(script).await;
    std::fs::write(fixture.home().join("cat.txt"), "The cat sat on the mat.").unwrap();
    let turn = fixture
        .run("s = text.summarise(\"~/cat.txt\")\ntext(s)")
        .await;
    assert!(
        drawn(&turn).contains("It is about a cat."),
        "{:?}",
        turn.events
    );
    let tokens = turn.finish().tokens;
    assert!(tokens.prompt > 0 && tokens.decoded > 0, "{tokens:?}");
    let why = fixture.client().await.why(&turn.id).await.unwrap();
    let why: protocol::WhyReport = serde_json::from_str(&why).unwrap();
    assert_eq!(why.turn.finish.unwrap().tokens, tokens);
    let other = fixture.run("files.make_folder(\"~/cats\")").await;
    assert_eq!(other.finish().tokens, protocol::Tokens::default());
}

/// A small model that cannot read, a larger one that can, and one on a server.
const READERS: &str = r#"
[[answer]]
user = "Summarise this text"
behaviour = "crash"

[[other]]
model = "big"

[[other.answer]]
user = "Summarise this text"
text = "It is about a cat."

[[other]]
model = "cloud"
is_elsewhere = true

[[other.answer]]
user = "Summarise this text"
text = "It is about a cat, from afar."
"#;

/// A model that was given a text, whether it broke off, and which were before it.
type Given = (String, bool, Vec<String>);

fn given(model: &str, broke_off: bool, steps: &[&str]) -> Given {
    let steps = steps.iter().map(|step| (*step).to_owned());
    (model.to_owned(), broke_off, steps.collect())
}

/// Summarises a text of so many characters. Returns the turn, and which models were given it.
async fn read(fixture: &Fixture, length: usize) -> (Turn, Vec<Given>) {
    std::fs::write(fixture.home().join("cat.txt"), "cats ".repeat(length / 5)).unwrap();
    let turn = fixture
        .run("s = text.summarise(\"~/cat.txt\")\ntext(s)")
        .await;
    let readers = turn.finish().readers.iter().map(|read| {
        let steps = read.steps.iter();
        let steps = steps.map(|step| format!("{}: {}", step.model, step.reason));
        (read.model.clone(), read.broke_off, steps.collect())
    });
    let readers = readers.collect();
    (turn, readers)
}

const SHORT: usize = 100;
const LONG: usize = 12_000;

#[tokio::test]
async fn texts_have_a_ladder_of_their_own() {
    // That of plans is none for texts.
    let plans = "[delegation]\nlarger = \"big\"\nremote = \"cloud\"\n";
    for settings in ["", plans] {
        let fixture = with_settings(READERS, settings).await;
        let (turn, readers) = read(&fixture, SHORT).await;
        assert_eq!(turn.finish().outcome, Outcome::Failed, "{:?}", turn.events);
        assert_eq!(readers, [given("scripted", true, &[])]);
    }
    let settings = "[delegation.readers]\nlarger = \"big\"\n";
    let fixture = with_settings(READERS, settings).await;
    let (turn, readers) = read(&fixture, SHORT).await;
    assert!(drawn(&turn).contains("about a cat"), "{:?}", turn.events);
    let expected = given("big", false, &["scripted: it broke off"]);
    assert_eq!(readers, [expected]);
}

#[tokio::test]
async fn a_text_goes_to_a_server_only_by_the_persons_rule() {
    let table = "[delegation.readers]\nremote = \"cloud\"\n";
    let rule = format!("{table}private = true\n");
    let here = READERS.replace("behaviour = \"crash\"", "text = \"About the beginning.\"");
    for (settings, said, by) in [
        (table, "the beginning", given("scripted", false, &[])),
        (
            &rule,
            "from afar",
            given("cloud", false, &["scripted: the text is too long for it"]),
        ),
    ] {
        let fixture = with_settings(&here, settings).await;
        let (turn, readers) = read(&fixture, LONG).await;
        assert!(drawn(&turn).contains(said), "{:?}", turn.events);
        let is_cut = format!("{:?}", turn.events).contains("first 9000 of 12000");
        assert_eq!(is_cut, by.0 == "scripted", "{:?}", turn.events);
        assert_eq!(readers, [by]);
    }
    // Nor does it where the model in use is on a server, whose rule is its own.
    let elsewhere = format!("is_elsewhere = true\n{here}");
    let other = rule.replace("cloud", "scripted");
    for (settings, said, by) in [
        ("", "runs on another machine", None),
        (&*rule, "from afar", Some("cloud")),
        (&other, "the beginning", Some("scripted")),
    ] {
        let fixture = with_settings(&elsewhere, settings).await;
        let (turn, readers) = read(&fixture, LONG).await;
        let events = format!("{:?}", turn.events);
        assert!(events.contains(said), "{events}");
        assert_eq!(events.contains("the beginning"), by == Some("scripted"));
        let readers: Vec<&str> = readers.iter().map(|(model, ..)| model.as_str()).collect();
        assert_eq!(readers, Vec::from_iter(by));
    }
}

#[tokio::test]
async fn reading_has_a_budget() {
    let settings = "[budget.readers]\ntokens = 2\n[delegation.readers]\nlarger = \"big\"\n";
    let fixture = with_settings(READERS, settings).await;
    let (turn, readers) = read(&fixture, SHORT).await;
    assert_eq!(turn.finish().outcome, Outcome::Failed, "{:?}", turn.events);
    assert_eq!(readers, [given("big", true, &["scripted: it broke off"])]);
    let events = format!("{:?}", turn.events);
    assert!(events.contains("more than the 2 tokens"), "{events}");
    assert!(events.contains("`[budget.readers]`"), "{events}");
}

#[tokio::test]
async fn a_request_is_answered_in_the_language_of_its_words() {
    let script = SCRIPT.replace("user = \"what is here\"", "user = \"\"");
    let fixture = Fixture::start(&script).await;
    std::fs::write(fixture.home().join("a.txt"), "a").unwrap();
    let turn = fixture.ask("看看这里有什么文件").await;
    let panel = drawn(&turn);
    for word in ["名称", "大小", "移到回收站"] {
        assert!(panel.contains(word), "{panel}");
    }
    let handle = panel.split("\"ref\":\"").nth(1).unwrap();
    let handle = handle.split('"').next().unwrap();
    let action = serde_json::json!({"surface": turn.id, "component": table_id(&panel), "language": "en",
        "verb": "files.trash", "ref": handle, "nonce": "nonce-0001"});
    let client = fixture.client().await;
    let events = client.receive_turn().await.unwrap();
    let pressed = client.act(&action.to_string()).await.unwrap();
    let pressed = support::Turn::follow(pressed, events).await;
    let events = format!("{:?}", pressed.events);
    assert!(events.contains("已把 a.txt 移到回收站"), "{events}");
    std::fs::write(fixture.home().join("b.txt"), "b").unwrap();
    let panel = drawn(&fixture.ask("what files are here").await);
    assert!(panel.contains("\"Name\""), "{panel}");
}
