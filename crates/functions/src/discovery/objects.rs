//! The objects of one connection to the bus, by introspection.
//!
//! Only unique names are asked, whose owner runs already: asking a name that can be activated would start it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use plan::Value;

use super::{
    main_window,
    methods::{self, Method},
    target,
};
use crate::World;

/// How long one connection is looked at.
const LIMIT: Duration = Duration::from_millis(500);
/// The most objects that are looked at.
const MOST_OBJECTS: usize = 256;
/// How deep paths are followed.
const MOST_PARTS: usize = 8;
/// The most methods of one object.
const MOST_METHODS: usize = 300;
/// The longest description that is read, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// An object with the names of its interfaces.
pub(super) struct Object {
    pub(super) path: String,
    pub(super) interfaces: Vec<String>,
    /// Those of interfaces that nobody has described.
    pub(super) methods: Vec<Method>,
}

impl Object {
    pub(super) fn has(&self, interface: &str) -> bool {
        self.interfaces.iter().any(|name| name == interface)
    }
}

/// Returns the objects of `owner` that can be found in time, nearest to the root first.
pub(super) async fn objects(owner: &str, world: &World) -> Vec<Object> {
    let began = Instant::now();
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let mut objects = Vec::new();
    while let Some(path) = waiting.pop_front() {
        if objects.len() >= MOST_OBJECTS || began.elapsed() > LIMIT {
            break;
        }
        let Some(target) = target(owner, &path, world) else {
            break;
        };
        let asked = target.call(
            "org.freedesktop.DBus.Introspectable",
            "Introspect",
            Vec::new(),
            world,
        );
        let Ok(Ok(reply)) = tokio::time::timeout(LIMIT, asked).await else {
            continue;
        };
        let Some(Described {
            interfaces,
            methods,
            children,
        }) = described(&reply)
        else {
            continue;
        };
        let object = Object {
            path,
            interfaces,
            methods,
        };
        // A main window of KDE's tells its hundreds of actions itself.
        let tells_itself = object.has(main_window::INTERFACE);
        if object.path.matches('/').count() < MOST_PARTS && !tells_itself {
            let beneath = object.path.trim_end_matches('/');
            let room = MOST_OBJECTS.saturating_sub(objects.len() + waiting.len());
            let paths = children.iter().map(|child| format!("{beneath}/{child}"));
            waiting.extend(paths.take(room));
        }
        objects.push(object);
    }
    objects
}

/// What an object tells about itself.
#[derive(Debug, PartialEq)]
struct Described {
    interfaces: Vec<String>,
    methods: Vec<Method>,
    children: Vec<String>,
}

/// Reads a reply to `Introspect`.
fn described(reply: &Value) -> Option<Described> {
    let Value::List(results) = reply else {
        return None;
    };
    let text = results
        .first()?
        .as_text()
        .filter(|text| text.len() <= MOST_BYTES)?;
    read(text)
}

fn read(text: &str) -> Option<Described> {
    let node = zbus_xml::Node::from_reader(text.as_bytes()).ok()?;
    let interfaces = node
        .interfaces()
        .iter()
        .map(|interface| interface.name().to_string())
        .collect();
    let methods = node.interfaces().iter().flat_map(methods::methods);
    let methods = methods.take(MOST_METHODS).collect();
    // Whatever an app calls its children becomes part of a path.
    let children = node
        .nodes()
        .iter()
        .filter_map(zbus_xml::Node::name)
        .filter(|name| is_name(name))
        .map(str::to_owned);
    Some(Described {
        interfaces,
        methods,
        children: children.collect(),
    })
}

/// Whether it can be a part of a path.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES, read};

    #[test]
    fn interfaces_and_children_are_read() {
        let text = r#"<node><interface name="org.gtk.Actions"><method name="List"/></interface>
            <node name="window"/><node name="../../etc"/><node/></node>"#;
        let described = read(text).expect("it is well formed");
        assert_eq!(described.interfaces, ["org.gtk.Actions"]);
        assert_eq!(described.children, ["window"]);
        assert_eq!(described.methods, []);
        assert_eq!(read("<node"), None);
    }

    #[test]
    fn no_depth_takes_the_stack() {
        for open in [
            "<node>",
            "<node name=\"a\">",
            "<node><interface name=\"a.b\">",
            "<a>",
        ] {
            assert_eq!(read(&open.repeat(MOST_BYTES / open.len())), None, "{open}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(100_000))]
        #[test]
        fn no_description_makes_it_panic(text in "(<node name=\"[a-z/.]{0,5}\">|</node>|<interface name=\"[a-z.]{0,9}\"/?>|</interface>|<method name=\"[a-zA-Z.]{0,9}\">|<arg type=\"[a-z({]{0,4}\" direction=\"in\"/>|</method>|[ -~]{0,9}){0,30}") {
            let _ = read(&text);
        }
    }
}
