//! Moments as people write them.

use plan::{Moment, TimeText, Toward};

/// A Monday evening, in Shanghai.
const NOW: &str = "2026-11-23T22:00:00+08:00";

fn resolved(text: &str, toward: Toward) -> String {
    let now = Moment::parse(NOW, 0).expect("a moment");
    match TimeText::parse(text) {
        Some(time) => time.resolve(now, toward).to_string(),
        None => "no moment".to_owned(),
    }
}

#[test]
fn words_and_clocks_are_tied_to_the_calendar() {
    for (text, past, future) in [
        (
            "now",
            "2026-11-23T22:00:00+08:00",
            "2026-11-23T22:00:00+08:00",
        ),
        (
            "today",
            "2026-11-23T00:00:00+08:00",
            "2026-11-23T00:00:00+08:00",
        ),
        (
            "18:30",
            "2026-11-23T18:30:00+08:00",
            "2026-11-24T18:30:00+08:00",
        ),
        (
            "23:15",
            "2026-11-22T23:15:00+08:00",
            "2026-11-23T23:15:00+08:00",
        ),
        (
            "Tomorrow 9:05",
            "2026-11-24T09:05:00+08:00",
            "2026-11-24T09:05:00+08:00",
        ),
        (
            "friday",
            "2026-11-20T00:00:00+08:00",
            "2026-11-27T00:00:00+08:00",
        ),
        (
            "monday",
            "2026-11-23T00:00:00+08:00",
            "2026-11-30T00:00:00+08:00",
        ),
        (
            "last week",
            "2026-11-16T00:00:00+08:00",
            "2026-11-16T00:00:00+08:00",
        ),
        (
            "next month",
            "2026-12-01T00:00:00+08:00",
            "2026-12-01T00:00:00+08:00",
        ),
        (
            "last year",
            "2025-01-01T00:00:00+08:00",
            "2025-01-01T00:00:00+08:00",
        ),
        (
            "2024-02-29",
            "2024-02-29T00:00:00+08:00",
            "2024-02-29T00:00:00+08:00",
        ),
        (
            "2026-03-01 18:30",
            "2026-03-01T18:30:00+08:00",
            "2026-03-01T18:30:00+08:00",
        ),
        (
            "2026-03-01T18:30:05.25Z",
            "2026-03-01T18:30:05Z",
            "2026-03-01T18:30:05Z",
        ),
        (
            "2026-03-01T18:30-05:30",
            "2026-03-01T18:30:00-05:30",
            "2026-03-01T18:30:00-05:30",
        ),
    ] {
        assert_eq!(resolved(text, Toward::Past), past, "{text}");
        assert_eq!(resolved(text, Toward::Future), future, "{text}");
    }
}

#[test]
fn what_is_looked_up_ahead_begins_today() {
    // It is Monday evening.
    let past = |text: &str| resolved(text, Toward::Past);
    for (text, coming) in [
        ("monday", past("monday")),
        ("tomorrow", past("tomorrow")),
        ("friday", resolved("friday", Toward::Future)),
        ("18:30", resolved("today 18:30", Toward::Past)),
        ("9:00", resolved("today 9:00", Toward::Past)),
    ] {
        assert_eq!(resolved(text, Toward::Coming), coming, "{text}");
    }
}

#[test]
fn what_is_no_moment_is_refused() {
    for text in [
        "",
        " ",
        "soon",
        "25:00",
        "12:60",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "now 9:00",
        "t",
        "9",
        "2026-03-01Tx",
        "last decade",
        "2026-03-01 18:30 x",
        "１８:30",
    ] {
        assert_eq!(resolved(text, Toward::Past), "no moment", "{text:?}");
    }
}

#[test]
fn unix_times_agree_with_the_calendar() {
    let moment = Moment::parse("2026-11-23T14:00:00Z", 0).expect("a moment");
    assert_eq!(moment.unix(), 1_795_442_400);
    assert_eq!(Moment::from_unix(1_795_442_400, 480).to_string(), NOW);
    assert_eq!(Moment::from_unix(-1, 0).to_string(), "1969-12-31T23:59:59Z");
}
