//! Models compute behind the person's programs: `nice` within the session, and a light control group where systemd
//! keeps it.

use engine::AtStart;
use zbus::{Connection, Proxy, Variant, fdo::DBusProxy, names::BusName};

const SYSTEMD: &str = "org.freedesktop.systemd1";
/// Others have 100: beside a busy program a model gets a sixth.
const WEIGHT: u64 = 20;

/// What is done with each worker that has just started.
pub(crate) fn lightening(bus: Connection) -> AtStart {
    AtStart::new(move |process| {
        let bus = bus.clone();
        tokio::spawn(async move {
            match lighten(&bus, process).await {
                Ok(true) => tracing::debug!(process, "a worker has a light control group"),
                Ok(false) => {}
                Err(error) => tracing::warn!(process, %error, "a worker has no group of its own"),
            }
        });
    })
}

/// Puts a process into a group of its own, and tells whether there is somebody to do it.
async fn lighten(bus: &Connection, process: u32) -> zbus::Result<bool> {
    let names = DBusProxy::new(bus).await?;
    if !names.name_has_owner(BusName::try_from(SYSTEMD)?).await? {
        return Ok(false);
    }
    let manager = Proxy::new(
        bus,
        SYSTEMD,
        "/org/freedesktop/systemd1",
        "org.freedesktop.systemd1.Manager",
    )
    .await?;
    let properties: Vec<(&str, Variant<'_>)> = vec![
        ("Description", Variant::from("A model of Lucid")),
        ("PIDs", Variant::from(vec![process])),
        ("CPUWeight", Variant::from(WEIGHT)),
        ("IOWeight", Variant::from(WEIGHT)),
        ("CollectMode", Variant::from("inactive-or-failed")),
    ];
    let others: Vec<(&str, Vec<(&str, Variant<'_>)>)> = Vec::new();
    let name = format!("lucid-model-{process}.scope");
    manager
        .call_method("StartTransientUnit", &(name, "fail", properties, others))
        .await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use zbus::OwnedVariant;

    use super::*;

    type Properties = Vec<(String, OwnedVariant)>;

    /// Stands in for systemd, which does not run where tests do.
    #[derive(Clone, Default)]
    struct Manager(Arc<Mutex<Vec<(String, Properties)>>>);

    #[zbus::interface(name = "org.freedesktop.systemd1.Manager")]
    impl Manager {
        fn start_transient_unit(
            &self,
            name: String,
            _mode: String,
            properties: Properties,
            _others: Vec<(String, Properties)>,
        ) -> zbus::OwnedObjectPath {
            self.0.lock().unwrap().push((name, properties));
            zbus::OwnedObjectPath::try_from("/org/freedesktop/systemd1/job/1").unwrap()
        }
    }

    #[tokio::test]
    async fn a_worker_gets_a_light_group_where_systemd_is() {
        let folder = tempfile::tempdir().unwrap();
        let daemon = functions::spawn::command("dbus-daemon");
        let socket = folder.path().join("bus");
        let bus = functions::trial::private_bus(daemon, &socket, None).await;
        let (_daemon, bus) = bus.unwrap();
        let address = format!("unix:path={}", socket.display());
        assert!(!lighten(&bus, 7).await.unwrap(), "nobody is there");
        let manager = Manager::default();
        let builder = zbus::connection::Builder::address(address.as_str());
        let builder = builder.serve_at("/org/freedesktop/systemd1", manager.clone());
        let _systemd = builder.name(SYSTEMD).build().await.unwrap();
        assert!(lighten(&bus, 7).await.unwrap());
        let started = manager.0.lock().unwrap().clone();
        let [(name, properties)] = &started[..] else {
            panic!("{started:?}");
        };
        assert_eq!(name, "lucid-model-7.scope");
        let weight = properties.iter().find(|(name, _)| name == "CPUWeight");
        assert_eq!(
            format!("{:?}", weight.unwrap().1),
            format!("{:?}", OwnedVariant::from(WEIGHT))
        );
    }
}
