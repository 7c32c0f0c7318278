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
async fn it_is_heard_when_a_notification_goes() {
    let fixture = with_notifications().await;
    let mut signals = fixture.registry.signals().iter();
    let closed = signals.find(|signal| signal.name().as_str() == "notifications.closed");
    let mut closed = closed.unwrap().listen(&fixture.world).await.unwrap();
    let bus = fixture.world.session_bus.as_ref().unwrap();
    let mock = fixture
        .mocked(bus, NOTIFICATIONS, "/org/freedesktop/Notifications")
        .await;
    let arguments = [OwnedVariant::from(7u32), OwnedVariant::from(2u32)];
    let body = (NOTIFICATIONS, "NotificationClosed", "uu", &arguments[..]);
    let _: () = mock.call("EmitSignal", &body).await.unwrap();
    let told = tokio::time::timeout(crate::support::PATIENCE, closed.next());
    let told = told.await.unwrap().unwrap();
    assert_eq!(told.field("id"), Some(&7.0.into()));
    assert_eq!(told.field("reason"), Some(&"a person closed it".into()));
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
