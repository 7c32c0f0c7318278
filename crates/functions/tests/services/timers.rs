//! Timers, their file, and the notifications that they end in.

use std::fs;

use plan::Value;

use crate::{
    notify::{shown, with_notifications},
    support::Fixture,
};

async fn rows(fixture: &Fixture) -> Vec<(String, f64)> {
    let rows = fixture.read("timers.list").await;
    let row = |row: &Value| {
        let label = row.field("label").unwrap().as_text().unwrap().to_owned();
        (label, row.field("timer").unwrap().as_number().unwrap())
    };
    rows.as_list().unwrap().iter().map(row).collect()
}

fn labels(rows: &[(String, f64)]) -> Vec<&str> {
    rows.iter().map(|(label, _)| label.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timers_are_listed_cancelled_and_brought_back() {
    let fixture = Fixture::new();
    let tea = [("duration", 300.0.into()), ("label", "tea".into())];
    let started = fixture.call("timers.start", &tea).await.unwrap();
    assert_eq!(started.note, "“tea” comes up in 5 min.");
    let unlabelled = fixture
        .call("timers.start", &[("duration", 5400.0.into())])
        .await
        .unwrap();
    assert_eq!(unlabelled.note, "Timer for 1 h 30 min started.");
    let later = [
        ("time", "2099-01-02T03:04:05Z".into()),
        ("text", "浇花".into()),
    ];
    fixture.call("timers.remind", &later).await.unwrap();
    let listed = rows(&fixture).await;
    assert_eq!(labels(&listed), ["tea", "1 h 30 min", "浇花"]);

    let error = fixture.call("timers.cancel", &[]).await.unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "3 timers are running; say which one."
    );
    let which = [("timer", Value::Number(listed[2].1))];
    let cancelled = fixture.call("timers.cancel", &which).await.unwrap();
    assert_eq!(labels(&rows(&fixture).await), ["tea", "1 h 30 min"]);
    fixture.undo(&cancelled).await.unwrap();
    assert_eq!(rows(&fixture).await, listed, "each with its own number");
    let last = [("last", Value::from(true))];
    let cancelled = fixture.call("timers.cancel", &last).await.unwrap();
    assert_eq!(labels(&rows(&fixture).await), ["tea", "1 h 30 min"]);
    fixture.undo(&cancelled).await.unwrap();
    fixture.undo(&started).await.unwrap();
    assert_eq!(labels(&rows(&fixture).await), ["1 h 30 min", "浇花"]);
    let refusal = fixture.undo(&started).await.unwrap_err();
    assert!(refusal.starts_with("There is no timer "), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_is_cancelled_by_its_label() {
    let fixture = Fixture::new();
    for label in ["Green tea", "Black tea", "eggs"] {
        let timer = [("duration", 300.0.into()), ("label", label.into())];
        fixture.call("timers.start", &timer).await.unwrap();
    }
    let labelled = |label: &str| [("label", Value::from(label))];
    for (label, refusal) in [
        ("pasta", "No timer is called “pasta”."),
        ("tea", "2 timers are running; say which one."),
    ] {
        let error = fixture.call("timers.cancel", &labelled(label)).await;
        assert_eq!(error.unwrap_err().problem.sentence, refusal);
    }
    fixture
        .call("timers.cancel", &labelled("green"))
        .await
        .unwrap();
    assert_eq!(labels(&rows(&fixture).await), ["Black tea", "eggs"]);
    for label in ["black", "egg"] {
        fixture
            .call("timers.cancel", &labelled(label))
            .await
            .unwrap();
    }
    let unlabelled = [("duration", 300.0.into())];
    fixture.call("timers.start", &unlabelled).await.unwrap();
    fixture
        .call("timers.cancel", &labelled("five minute"))
        .await
        .unwrap();
    assert!(rows(&fixture).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_that_was_brought_back_is_the_same_one() {
    let fixture = Fixture::new();
    let stored = || {
        let path = fixture.world.places.state.join("lucid/timers.json");
        let file: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        file["timers"].clone()
    };
    let started = fixture
        .call("timers.start", &[("duration", 300.0.into())])
        .await
        .unwrap();
    let before = stored();
    let cancelled = fixture.call("timers.cancel", &[]).await.unwrap();
    assert_eq!(stored(), serde_json::json!([]));
    let restored = fixture.undo(&cancelled).await.unwrap();
    assert_eq!(stored(), before, "number, time, duration and label");
    fixture.undo(&restored).await.unwrap();
    let again = fixture.call("timers.restore", &[]).await.unwrap();
    assert_eq!(again.note, "Brought back “5 min”.");
    fixture.undo(&started).await.unwrap();
    assert_eq!(
        stored(),
        serde_json::json!([]),
        "the start's own undo works"
    );

    let call = fixture.resolved("timers.cancel", &[]);
    fixture.call("timers.restore", &[]).await.unwrap();
    let intent = fixture.intend("timers.cancel", &[]).await.unwrap();
    let settle = || fixture.registry.settle(&call, &intent, &fixture.world);
    assert_eq!(settle().await, functions::Settlement::NotDone);
    fixture.call("timers.cancel", &[]).await.unwrap();
    assert!(matches!(
        settle().await,
        functions::Settlement::Done(outcome) if outcome.undo.is_some()
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_is_offered_only_where_it_can_be_shown() {
    let fixture = Fixture::new().with_session_bus().await;
    for function in ["timers.start", "timers.remind"] {
        assert!(!fixture.offers(function).await, "{function}");
        let (sentence, remedy) = fixture.missing(function).await;
        assert!(sentence.contains("notifications"), "{sentence}");
        assert!(remedy.contains("dunst"), "{remedy}");
    }
    assert!(fixture.offers("timers.list").await && fixture.offers("timers.cancel").await);
    // One that is stored already is kept until it can be shown.
    let scheduler = tokio::spawn(functions::timer_scheduler(fixture.world.clone()));
    let now = [("duration", 0.1.into())];
    fixture.call("timers.start", &now).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(rows(&fixture).await.len(), 1);
    scheduler.abort();

    let fixture = with_notifications().await;
    assert!(fixture.offers("timers.start").await && fixture.offers("timers.remind").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_between_is_settled_from_the_file() {
    let fixture = Fixture::new();
    let arguments = [("duration", 300.0.into())];
    let call = fixture.resolved("timers.start", &arguments);
    let intent = fixture.intend("timers.start", &arguments).await.unwrap();
    let settled = fixture
        .registry
        .settle(&call, &intent, &fixture.world)
        .await;
    assert_eq!(settled, functions::Settlement::NotDone);
    fixture.call("timers.start", &arguments).await.unwrap();
    // The timer that was made is another one, so the first is still not done.
    let settled = fixture
        .registry
        .settle(&call, &intent, &fixture.world)
        .await;
    assert_eq!(settled, functions::Settlement::NotDone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_due_timer_notifies_and_is_gone() {
    let fixture = with_notifications().await;
    let scheduler = tokio::spawn(functions::timer_scheduler(fixture.world.clone()));
    let tea = [("duration", 0.3.into()), ("label", "tea".into())];
    fixture.call("timers.start", &tea).await.unwrap();
    assert_eq!(shown(&fixture).await, []);
    fixture
        .wait("the notification", || async {
            shown(&fixture).await.len() == 1
        })
        .await;
    let expected = ("tea".to_owned(), "The timer for 0.3 s is over.".to_owned());
    assert_eq!(shown(&fixture).await, [expected]);
    fixture
        .wait("an empty list", || async {
            rows(&fixture).await.is_empty()
        })
        .await;
    scheduler.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_due_while_nothing_ran_is_shown_late() {
    let fixture = with_notifications().await;
    let later = [
        ("time", "2099-01-02T03:04:05Z".into()),
        ("text", "call mum".into()),
    ];
    fixture.call("timers.remind", &later).await.unwrap();
    let path = fixture.world.places.state.join("lucid/timers.json");
    let mut file: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["timers"][0]["due"] = serde_json::json!(1_700_000_000.0);
    fs::write(&path, file.to_string()).unwrap();
    let scheduler = tokio::spawn(functions::timer_scheduler(fixture.world.clone()));
    fixture
        .wait("the notification", || async {
            shown(&fixture).await.len() == 1
        })
        .await;
    let (title, body) = shown(&fixture).await.remove(0);
    assert_eq!(title, "Reminder");
    assert!(
        body.starts_with("call mum (This was due at 2023-11-1"),
        "{body}"
    );
    scheduler.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_times_and_damaged_files_are_told() {
    let fixture = Fixture::new();
    let sentence = |function: &'static str, name: &'static str, value: Value| {
        let fixture = &fixture;
        async move {
            let text = ("text", Value::from("x"));
            let arguments = [(name, value), text];
            let count = if function == "timers.remind" { 2 } else { 1 };
            fixture
                .call(function, &arguments[..count])
                .await
                .unwrap_err()
                .problem
                .sentence
        }
    };
    let past = sentence("timers.remind", "time", "2001-01-01T00:00:00Z".into()).await;
    assert!(past.ends_with("is already over."), "{past}");
    let odd = sentence("timers.remind", "time", "soon".into()).await;
    assert_eq!(odd, "“soon” is not a time.");
    let long = sentence("timers.start", "duration", 1e12.into()).await;
    assert!(long.starts_with("A timer runs at most"), "{long}");

    let folder = fixture.world.places.state.join("lucid");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("timers.json"), "{ damaged").unwrap();
    assert_eq!(rows(&fixture).await, []);
    assert_eq!(
        fs::read_to_string(folder.join("timers.json.damaged")).unwrap(),
        "{ damaged"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_rings_and_comes_again() {
    let fixture = with_notifications().await;
    let arguments = [("time", "7:30".into()), ("days", "weekdays".into())];
    let set = fixture.call("alarms.set", &arguments).await.unwrap();
    assert_eq!(set.note, "The alarm rings at 07:30, Monday to Friday.");
    let alarm = |rows: Value| rows.as_list().unwrap()[0].clone();
    let due = |row: &Value| row.field("due").unwrap().as_text().unwrap().to_owned();
    let listed = alarm(fixture.read("alarms.list").await);
    assert_eq!(listed.field("days"), Some(&"weekdays".into()));
    assert!(due(&listed).contains("T07:30:00"), "{listed:?}");

    // As if its time had come.
    let file = fixture.world.places.state.join("lucid/timers.json");
    let mut kept: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let later = kept["timers"][0]["due"].as_f64().unwrap();
    kept["timers"][0]["due"] = (later - 14.0 * 86_400.0).into();
    fs::write(&file, kept.to_string()).unwrap();
    let scheduler = tokio::spawn(functions::timer_scheduler(fixture.world.clone()));
    fixture
        .wait("the alarm", || async { !shown(&fixture).await.is_empty() })
        .await;
    fixture
        .wait("the next time", || async {
            due(&alarm(fixture.read("alarms.list").await)) == due(&listed)
        })
        .await;
    assert_eq!(
        shown(&fixture).await.len(),
        1,
        "it rings once for all that was missed"
    );
    scheduler.abort();
    fixture.undo(&set).await.unwrap();
    assert_eq!(fixture.read("alarms.list").await, Value::List(Vec::new()));
    let error = fixture
        .call("alarms.set", &[("time", "soon".into())])
        .await
        .unwrap_err();
    assert_eq!(error.problem.sentence, "“soon” is not a time.");
}
