//! Networks: what NetworkManager says, with the objects of one that is mocked where there is no radio, and BlueZ.

use std::collections::HashMap;

use plan::Value;
use zbus::{Connection, ObjectPath, Variant};

use crate::support::Fixture;

const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";
const BLUEZ: &str = "org.bluez";

type Properties = HashMap<&'static str, Variant<'static>>;

fn system(fixture: &Fixture) -> &Connection {
    fixture.world.system_bus.as_ref().unwrap()
}

/// Starts an object manager with one object at `root`, to which others are added.
async fn managed(fixture: &mut Fixture, name: &str, root: &str, interface: &str) {
    let script = [
        "-m",
        "dbusmock",
        "--system",
        "--is-object-manager",
        name,
        root,
        interface,
    ];
    fixture.start("/usr/bin/python3", &script);
    fixture.wait_for_name(name).await;
}

async fn add(
    fixture: &Fixture,
    name: &str,
    root: &str,
    path: &str,
    interface: &str,
    properties: Properties,
) {
    let mock = fixture.mocked(system(fixture), name, root).await;
    let methods: Vec<(&str, &str, &str, &str)> =
        vec![("Connect", "", "", ""), ("Disconnect", "", "", "")];
    let path = ObjectPath::try_from(path).unwrap();
    let _: () = mock
        .call("AddObject", &(path, interface, properties, methods))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_network_manager_tells_its_state() {
    let mut fixture = Fixture::new().with_system_bus().await;
    assert_eq!(
        fixture.missing("network.status").await.0,
        "The network cannot be asked: NetworkManager is not running."
    );
    let config = fixture.path("nm.conf");
    std::fs::write(
        &config,
        "[main]\nplugins=keyfile\n[keyfile]\nunmanaged-devices=*\n",
    )
    .unwrap();
    let folder = fixture.path("nm");
    std::fs::create_dir_all(&folder).unwrap();
    let (config, folder) = (
        config.to_string_lossy().into_owned(),
        folder.to_string_lossy().into_owned(),
    );
    fixture.start(
        "unshare",
        &[
            "-n",
            "--",
            "NetworkManager",
            "--no-daemon",
            "--config",
            &config,
            "--state-file",
            &format!("{folder}/state"),
            "--pid-file",
            &format!("{folder}/pid"),
        ],
    );
    fixture.wait_for_name(NETWORK_MANAGER).await;
    fixture
        .wait("its answer", || fixture.offers("network.status"))
        .await;
    let status = fixture.read("network.status").await;
    let state = status.field("state").unwrap().as_text().unwrap();
    assert!(
        ["not connected", "connected on this machine", "unknown"].contains(&state),
        "{status:?}"
    );
    let wifi = fixture.read("network.wifi").await;
    assert_eq!(status.field("wifi"), Some(&wifi));
    assert_eq!(
        fixture.read("network.nearby").await,
        Value::List(Vec::new())
    );

    let other = wifi != Value::Bool(true);
    let switched = fixture
        .call("network.set_wifi", &[("on", other.into())])
        .await
        .unwrap();
    assert_eq!(fixture.read("network.wifi").await, other.into());
    fixture.undo(&switched).await.unwrap();
    assert_eq!(fixture.read("network.wifi").await, wifi);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn networks_in_reach_and_connections_are_listed() {
    let mut fixture = Fixture::new().with_system_bus().await;
    managed(
        &mut fixture,
        NETWORK_MANAGER,
        "/org/freedesktop",
        "org.example.Root",
    )
    .await;
    let access_point = |ssid: &str, strength: u8| -> Properties {
        HashMap::from([
            ("Ssid", ssid.as_bytes().to_vec().into()),
            ("Strength", strength.into()),
            ("HwAddress", "00:11:22:33:44:55".into()),
        ])
    };
    for (number, ssid, strength) in [(1, "Café 路", 70), (2, "Home", 30)] {
        let path = format!("/org/freedesktop/NetworkManager/AccessPoint/{number}");
        let interface = "org.freedesktop.NetworkManager.AccessPoint";
        add(
            &fixture,
            NETWORK_MANAGER,
            "/org/freedesktop",
            &path,
            interface,
            access_point(ssid, strength),
        )
        .await;
    }
    let active = HashMap::from([
        ("Id", "Office".into()),
        ("Type", "802-11-wireless".into()),
        ("State", 2u32.into()),
    ]);
    let path = "/org/freedesktop/NetworkManager/ActiveConnection/1";
    let interface = "org.freedesktop.NetworkManager.Connection.Active";
    add(
        &fixture,
        NETWORK_MANAGER,
        "/org/freedesktop",
        path,
        interface,
        active,
    )
    .await;
    let row = |name: &str, signal: f64| {
        Value::record([
            ("name", name.into()),
            ("signal", signal.into()),
            ("address", "00:11:22:33:44:55".into()),
        ])
    };
    assert_eq!(
        fixture.read("network.nearby").await,
        Value::List(vec![row("Café 路", 70.0), row("Home", 30.0)])
    );
    let connection = Value::record([
        ("name", "Office".into()),
        ("kind", "Wi-Fi".into()),
        ("state", "connected".into()),
    ]);
    assert_eq!(
        fixture.read("network.connections").await,
        Value::List(vec![connection])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bluetooth_is_switched_and_its_devices_are_connected() {
    let mut fixture = Fixture::new().with_system_bus().await;
    assert!(!fixture.offers("bluetooth.power").await);
    fixture.mock("bluez5", BLUEZ).await;
    assert_eq!(
        fixture.missing("bluetooth.set_power").await.0,
        "There is no Bluetooth here, or its service is not running."
    );
    let mock = fixture.mocked(system(&fixture), BLUEZ, "/").await;
    let bluez = zbus::Proxy::new(system(&fixture), BLUEZ, "/", "org.bluez.Mock")
        .await
        .unwrap();
    drop(mock);
    let _: String = bluez.call("AddAdapter", &("hci0", "laptop")).await.unwrap();
    let _: String = bluez
        .call("AddDevice", &("hci0", "11:22:33:44:55:66", "Ada's 耳机"))
        .await
        .unwrap();
    let _: () = bluez
        .call("PairDevice", &("hci0", "11:22:33:44:55:66", 5898764i32))
        .await
        .unwrap();

    let on = |on: bool| [("on", Value::from(on))];
    let before = fixture.read("bluetooth.power").await;
    let switched = fixture
        .call("bluetooth.set_power", &on(before != Value::Bool(true)))
        .await
        .unwrap();
    assert_ne!(fixture.read("bluetooth.power").await, before);
    fixture.undo(&switched).await.unwrap();
    assert_eq!(fixture.read("bluetooth.power").await, before);

    let live = fixture
        .registry
        .live("bluetooth.device", &fixture.world)
        .await;
    assert_eq!(live.len(), 1);
    assert_eq!(live[0].names, ["Ada's 耳机"]);
    // The mock keeps whether a device is connected to itself, and refuses to connect one twice.
    for device in ["ada's 耳机", &live[0].id] {
        let device = [("device", Value::from(device))];
        fixture.call("bluetooth.connect", &device).await.unwrap();
        let error = fixture
            .call("bluetooth.connect", &device)
            .await
            .unwrap_err();
        assert!(
            error.problem.sentence.contains("Already Connected"),
            "{error}"
        );
        fixture.call("bluetooth.disconnect", &device).await.unwrap();
    }
    let row = Value::record([
        ("name", "Ada's 耳机".into()),
        ("connected", false.into()),
        ("paired", true.into()),
        ("device", live[0].id.as_str().into()),
    ]);
    assert_eq!(
        fixture.read("bluetooth.devices").await,
        Value::List(vec![row])
    );
    let error = fixture
        .call("bluetooth.connect", &[("device", "speaker".into())])
        .await
        .unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "Nothing that runs now is called “speaker”."
    );
}
