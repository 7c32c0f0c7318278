//! UPower and logind on a private "system" bus.

use std::collections::HashMap;

use plan::Value;
use zbus::{Connection, Variant};

use crate::support::Fixture;

const UPOWER: &str = "org.freedesktop.UPower";
const LOGIND: &str = "org.freedesktop.login1";

fn system(fixture: &Fixture) -> &Connection {
    fixture.world.system_bus.as_ref().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_battery_is_read() {
    let mut fixture = Fixture::new().with_system_bus().await;
    fixture.mock("upower", UPOWER).await;
    assert!(!fixture.offers("power.battery").await);
    assert_eq!(
        fixture.missing("power.battery").await.0,
        "This machine has no battery."
    );

    let mock = fixture
        .mocked(system(&fixture), UPOWER, "/org/freedesktop/UPower")
        .await;
    // type, state, percentage, energy, full, rate, to empty, to full, present, icon, warning
    let discharging = (
        2i32, 2i32, 42.4, 42.0, 100.0, 10.0, 5400i64, 0i64, true, "", 1i32,
    );
    let _: () = mock.call("SetupDisplayDevice", &discharging).await.unwrap();
    assert!(fixture.offers("power.battery").await);
    let battery = fixture.read("power.battery").await;
    let expected = Value::record([
        ("level", 42.0.into()),
        ("state", "discharging".into()),
        ("until_empty", 5400.0.into()),
        ("until_full", 0.0.into()),
    ]);
    assert_eq!(battery, expected);
    fixture.world.language = protocol::text::Language::Chinese;
    assert_eq!(
        fixture.read("power.battery").await.field("state"),
        Some(&"正在放电".into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_upower_without_a_battery_is_told_apart_from_none() {
    let mut fixture = Fixture::new().with_system_bus().await;
    let (sentence, remedy) = fixture.missing("power.battery").await;
    assert_eq!(
        sentence,
        "The battery cannot be asked: UPower is not running."
    );
    assert_eq!(remedy, "Install and start the package `upower`.");
    fixture.start("/usr/libexec/upowerd", &[]);
    fixture.wait_for_name(UPOWER).await;
    let has_battery = std::fs::read_dir("/sys/class/power_supply").is_ok_and(|mut entries| {
        entries.any(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("BAT"))
        })
    });
    assert_eq!(fixture.offers("power.battery").await, has_battery);
}

/// A logind whose session notes what was asked of it.
async fn with_logind(fixture: &mut Fixture) {
    fixture.mock("logind", LOGIND).await;
    let mock = fixture
        .mocked(system(fixture), LOGIND, "/org/freedesktop/login1")
        .await;
    let session = "org.freedesktop.login1.Session";
    let lock = format!("self.Set('{session}', 'LockedHint', True)");
    let properties: HashMap<&str, Variant<'_>> = HashMap::from([("LockedHint", false.into())]);
    let methods = vec![("Lock", "", "", lock.as_str())];
    let object = (
        "/org/freedesktop/login1/session/auto",
        session,
        properties,
        methods,
    );
    let _: () = mock.call("AddObject", &object).await.unwrap();
}

/// Counts how often logind was asked to do `method`, and tells its last argument.
async fn asked(fixture: &Fixture, method: &str) -> Vec<bool> {
    let mock = fixture
        .mocked(system(fixture), LOGIND, "/org/freedesktop/login1")
        .await;
    let calls: Vec<(u64, Vec<zbus::OwnedVariant>)> =
        mock.call("GetMethodCalls", &(method)).await.unwrap();
    calls
        .into_iter()
        .map(|(_, mut arguments)| bool::try_from(arguments.remove(0)).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_machine_is_locked_and_put_to_sleep() {
    let mut fixture = Fixture::new().with_system_bus().await;
    for name in [
        "power.lock",
        "power.suspend",
        "power.restart",
        "power.shut_down",
    ] {
        assert!(!fixture.offers(name).await, "{name}");
    }
    with_logind(&mut fixture).await;
    fixture.call("power.lock", &[]).await.unwrap();
    let session: zbus::Proxy<'_> = zbus::Proxy::new(
        system(&fixture),
        LOGIND,
        "/org/freedesktop/login1/session/auto",
        "org.freedesktop.login1.Session",
    )
    .await
    .unwrap();
    assert!(session.get_property::<bool>("LockedHint").await.unwrap());
    for (function, method) in [
        ("power.suspend", "Suspend"),
        ("power.restart", "Reboot"),
        ("power.shut_down", "PowerOff"),
    ] {
        assert!(fixture.offers(function).await);
        assert!(asked(&fixture, method).await.is_empty());
        fixture.call(function, &[]).await.unwrap();
        assert_eq!(asked(&fixture, method).await, [true]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_cannot_sleep_says_so() {
    let mut fixture = Fixture::new().with_system_bus().await;
    with_logind(&mut fixture).await;
    let mock = fixture
        .mocked(system(&fixture), LOGIND, "/org/freedesktop/login1")
        .await;
    let method = (
        "org.freedesktop.login1.Manager",
        "CanSuspend",
        "",
        "s",
        "ret = 'na'",
    );
    let _: () = mock.call("AddMethod", &method).await.unwrap();
    assert!(!fixture.offers("power.suspend").await);
    let error = fixture.call("power.suspend", &[]).await.unwrap_err();
    assert!(
        error
            .problem
            .sentence
            .starts_with("This machine cannot sleep"),
        "{error}"
    );
    assert!(asked(&fixture, "Suspend").await.is_empty());
}
