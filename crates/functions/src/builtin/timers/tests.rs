use super::{scheduler::sentences, store::Timer};

fn timer(duration: Option<f64>, label: &str, language: &str) -> Timer {
    Timer {
        id: 1,
        due: 1000.0,
        duration,
        label: label.to_owned(),
        repeat: None,
        language: language.to_owned(),
    }
}

#[test]
fn a_timer_says_what_it_is_and_that_it_is_late() {
    let (title, body) = sentences(&timer(Some(600.0), "", "en"), 1001.0);
    assert_eq!(
        (title.as_str(), body.as_str()),
        ("Time is up", "The timer for 10 min is over.")
    );
    let (title, body) = sentences(&timer(None, "喝水", "zh"), 1001.0);
    assert_eq!((title.as_str(), body.as_str()), ("提醒", "喝水"));
    let (_, late) = sentences(&timer(None, "tea", "en"), 5000.0);
    assert!(late.starts_with("tea (This was due at "), "{late}");
}
