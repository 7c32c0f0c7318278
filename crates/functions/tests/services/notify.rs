//! Notifications.

use zbus::OwnedVariant;

use crate::support::Fixture;

pub(crate) const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

pub(crate) async fn with_notifications() -> Fixture {
    let mut fixture = Fixture::new().with_session_bus().await;
    fixture.mock("notification_daemon", NOTIFICATIONS).await;
    fixture
}

/// Returns title and body of every notification so far.
pub(crate) async fn shown(fixture: &Fixture) -> Vec<(String, String)> {
    let bus = fixture.world.session_bus.as_ref().unwrap();
    let mock = fixture
        .mocked(bus, NOTIFICATIONS, "/org/freedesktop/Notifications")
        .await;
    let calls: Vec<(u64, Vec<OwnedVariant>)> =
        mock.call("GetMethodCalls", &("Notify")).await.unwrap();
    let text = |value: &OwnedVariant| <&str>::try_from(value).unwrap().to_owned();
    calls
        .iter()
        .map(|(_, arguments)| (text(&arguments[3]), text(&arguments[4])))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_is_shown() {
    let fixture = with_notifications().await;
    let arguments = [("title", "Dinner <b>".into()), ("body", "晚饭好了".into())];
    fixture.call("notify.send", &arguments).await.unwrap();
    fixture
        .call("notify.send", &[("title", "Only a title".into())])
        .await
        .unwrap();
    let expected = [("Dinner <b>", "晚饭好了"), ("Only a title", "")];
    assert_eq!(
        shown(&fixture).await,
        expected.map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_daemon_it_is_not_offered() {
    let fixture = Fixture::new().with_session_bus().await;
    assert!(!fixture.offers("notify.send").await);
    assert_eq!(
        fixture.missing("notify.send").await.0,
        "Nothing here shows notifications."
    );
}
