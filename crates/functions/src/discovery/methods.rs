//! Methods that nothing but an app's own introspection describes.
//!
//! No sentence asks for one and no model sees one: `functions.search` finds them, and who writes a plan may call them.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::{ArgumentSpec, Output, Type, Value};
use zbus::{Signature, Variant};
use zbus_xml::{ArgDirection, Interface};

use super::{
    Found, MOST_OF_APP, MOST_OF_LABEL, Means, acts::Owner, naming, objects::Object, switch, target,
};
use crate::{
    Action, Availability, FunctionError, InstalledApp, World,
    dbus::{first_of_reply, forbidden, variant},
};

/// The longest text that is given to one, or that one gives.
const MOST_OF_TEXT: usize = 2000;
/// The most arguments of one.
const MOST_ARGUMENTS: usize = 8;
/// Interfaces that others here speak, or that are the same in every program.
const KNOWN: &[&str] = &[
    "org.freedesktop.DBus",
    "org.freedesktop.Application",
    "org.gtk.",
    "org.kde.KMainWindow",
    "org.kde.KDBusService",
    "org.qtproject.",
    "com.canonical.",
    "org.mpris.",
    "org.a11y.",
    "org.gnome.Shell.SearchProvider",
    "org.kde.krunner",
];

/// A method that the plan language has values for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Method {
    interface: String,
    name: String,
    /// What it takes, by the names of the plan language.
    takes: Vec<(ArgumentSpec, Signature)>,
    gives: Output,
}

/// Returns the methods of an interface that may be called at all, and whose arguments can be said.
pub(super) fn methods(interface: &Interface<'_>) -> Vec<Method> {
    let name = interface.name().to_string();
    if KNOWN.iter().any(|known| name.starts_with(known)) {
        return Vec::new();
    }
    let methods = interface.methods().filter_map(|method| {
        let member = method.name().to_string();
        if member.len() > MOST_OF_LABEL || forbidden("", &name, &member).is_some() {
            return None;
        }
        let (given, taken): (Vec<_>, Vec<_>) = method
            .args()
            .iter()
            .partition(|argument| argument.direction() == Some(ArgDirection::Out));
        if taken.len() > MOST_ARGUMENTS {
            return None;
        }
        let mut names = BTreeSet::new();
        let takes = taken.iter().enumerate().map(|(at, argument)| {
            let words = naming::words(argument.name().unwrap_or_default()).join("_");
            // A name that is none, or stands twice, is its place.
            let is_name =
                words.starts_with(|c: char| c.is_ascii_lowercase()) && words.len() <= MOST_OF_LABEL;
            let by_place = format!("argument_{}", at + 1);
            let mut candidates = [words, by_place].into_iter().skip(usize::from(!is_name));
            let name = candidates.find(|name| names.insert(name.clone()))?;
            let spec = ArgumentSpec {
                name,
                ty: said(argument.ty())?,
                required: true,
                ..switch()
            };
            Some((spec, argument.ty().clone()))
        });
        let takes: Option<Vec<_>> = takes.collect();
        let gives = match given.as_slice() {
            [one] => said(one.ty()).map_or(Output::None, |ty| Output::Value { ty }),
            _ => Output::None,
        };
        Some(Method {
            interface: name.clone(),
            name: member,
            takes: takes?,
            gives,
        })
    });
    methods.take(MOST_OF_APP).collect()
}

/// The type of the plan language for one of the bus, where it has one.
fn said(signature: &Signature) -> Option<Type> {
    Some(match signature {
        Signature::Bool => Type::Bool,
        Signature::Str => Type::Text { max: MOST_OF_TEXT },
        Signature::F64 => Type::Number,
        Signature::U8
        | Signature::I16
        | Signature::U16
        | Signature::I32
        | Signature::U32
        | Signature::I64
        | Signature::U64 => Type::Int {
            min: None,
            max: None,
        },
        Signature::Array(item) if *item.signature() == Signature::Str => {
            Type::List(Box::new(Type::Text { max: MOST_OF_TEXT }))
        }
        _ => return None,
    })
}

/// Returns the methods of all objects of `owner`; of objects that have the same one, the first is called.
pub(super) fn of_objects(owner: &str, app: &InstalledApp, objects: &[Object]) -> Vec<Found> {
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for object in objects {
        for method in &object.methods {
            if !known.insert((&method.interface, &method.name)) || found.len() >= MOST_OF_APP {
                continue;
            }
            let words = naming::words(&method.name);
            found.push(Found {
                labels: [naming::label(&words), String::new()],
                words,
                within: String::new(),
                tip: String::new(),
                means: Means::Method,
                is_guessed: true,
                arguments: method.takes.iter().map(|(spec, _)| spec.clone()).collect(),
                output: method.gives.clone(),
                place: format!("{owner} {} {}", object.path, method.interface),
                action: Arc::new(MethodCall {
                    owner: Owner {
                        app: app.clone(),
                        name: owner.to_owned(),
                    },
                    path: object.path.clone(),
                    method: method.clone(),
                }),
            });
        }
    }
    found
}

/// Calls a method of an object.
struct MethodCall {
    owner: Owner,
    path: String,
    method: Method,
}

impl MethodCall {
    /// What a consent names: the object and the member, as the bus does.
    fn member(&self) -> String {
        let Method {
            interface, name, ..
        } = &self.method;
        format!("{interface}.{name} {}", self.path)
    }

    async fn call(&self, entry: &OpenEntry, world: &World) -> Result<Value, FunctionError> {
        let unusable = |name: &str| FunctionError::unusable(name, world.language);
        let mut arguments: Vec<Variant<'static>> = Vec::new();
        for (spec, signature) in &self.method.takes {
            let value = entry.call().argument(&spec.name);
            let given = value.and_then(|value| variant(value, signature));
            arguments.push(given.ok_or_else(|| unusable(&spec.name))?);
        }
        let target = target(&self.owner.name, &self.path, world);
        let target = target.ok_or_else(|| unusable(""))?;
        let called = target.call(&self.method.interface, &self.method.name, arguments, world);
        called.await.map(first_of_reply)
    }
}

#[async_trait]
impl Action for MethodCall {
    /// It was there when the app was looked at; a call of one that has gone fails.
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(
        &self,
        _: &policy::ResolvedCall,
        world: &World,
    ) -> Result<Intent, FunctionError> {
        let mut intent = self.owner.intent(None, world).await;
        intent.touches = format!("{}, {}", intent.touches, self.member());
        Ok(intent)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let called = self.call(entry, world).await;
        let value = self.owner.told(called, world).await?;
        let mut outcome = self.owner.asked(&self.method.name, world);
        if let Output::Value { ty } = &self.method.gives
            && plan::check_value(&value, ty).is_ok()
        {
            outcome.value = value;
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The methods of an interface with this description inside.
    fn read(name: &str, inside: &str) -> Vec<Method> {
        let text = format!("<node><interface name=\"{name}\">{inside}</interface></node>");
        let node = zbus_xml::Node::from_reader(text.as_bytes()).expect("it is well formed");
        node.interfaces().iter().flat_map(methods).collect()
    }

    #[test]
    fn methods_take_what_the_language_can_say() {
        let found = read(
            "org.example.Editor",
            r#"<method name="openUrl"><arg name="url" type="s" direction="in"/><arg type="i" direction="in"/>
                <arg type="b" direction="out"/></method>
            <method name="openAll"><arg name="files" type="as" direction="in"/></method>
            <method name="draw"><arg name="points" type="a(ii)" direction="in"/></method>
            <method name="pass"><arg name="file" type="h"/></method>"#,
        );
        let names: Vec<&str> = found.iter().map(|method| method.name.as_str()).collect();
        assert_eq!(names, ["openUrl", "openAll"]);
        let arguments: Vec<&str> = found[0]
            .takes
            .iter()
            .map(|(spec, _)| spec.name.as_str())
            .collect();
        assert_eq!(arguments, ["url", "argument_2"]);
        assert_eq!(found[0].gives, Output::Value { ty: Type::Bool });
    }

    #[test]
    fn what_is_never_called_is_not_found() {
        let quit = r#"<method name="quit"/>"#;
        assert_eq!(read("org.example.Editor", quit).len(), 1);
        for name in [
            "org.qtproject.Qt.QWidget",
            "org.gtk.Actions",
            "org.freedesktop.DBus.Properties",
            "org.freedesktop.systemd1.Manager",
            "org.lucidshell.Kernel1",
        ] {
            assert_eq!(read(name, quit), [], "{name}");
        }
        let run =
            r#"<method name="runCommand"><arg name="command" type="s" direction="in"/></method>"#;
        assert_eq!(read("org.kde.konsole.Session", run), []);
    }
}
