//! `org.gtk.Actions`: what GTK apps offer for themselves and for each window.

use std::sync::Arc;

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::{ArgumentSpec, Output, Type, Value};
use policy::ResolvedCall;
use zbus::{Array, Dict, Signature, Variant};

use super::{
    Found, MOST_OF_APP, MOST_OF_LABEL, Means,
    acts::{Owner, Settling, failure, unavailable, wanted},
    naming,
    objects::Object,
    switch, target,
};
use crate::{
    Action, Availability, FunctionError, InstalledApp, World,
    dbus::{self, Target, variant},
};

const INTERFACE: &str = "org.gtk.Actions";
/// The most characters of a text that an action takes.
const MOST_OF_TEXT: usize = 300;

/// What an action takes.
#[derive(Debug, Clone, PartialEq)]
enum Takes {
    Nothing,
    /// Nothing, and switches what it tells the state of.
    Switch,
    /// A value of this type.
    Value(Type, Signature),
}

impl Takes {
    /// None where the plan language has no values of that type.
    fn of(signature: &str, state: &[Value]) -> Option<Takes> {
        let ty = match signature {
            "" if matches!(state, [Value::Bool(_)]) => return Some(Takes::Switch),
            "" => return Some(Takes::Nothing),
            "b" => Type::Bool,
            "s" => Type::Text { max: MOST_OF_TEXT },
            "y" | "n" | "q" | "i" | "u" | "x" | "t" => Type::Int {
                min: None,
                max: None,
            },
            "d" => Type::Number,
            _ => return None,
        };
        Some(Takes::Value(ty, Signature::try_from(signature).ok()?))
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        match self {
            Takes::Nothing => Vec::new(),
            Takes::Switch => vec![switch()],
            Takes::Value(ty, _) => vec![ArgumentSpec {
                name: "value".to_owned(),
                ty: ty.clone(),
                required: true,
                ..switch()
            }],
        }
    }
}

/// Returns the actions of all objects of `owner` that have some: the app's own first, then those of its windows.
pub(super) async fn actions_of(
    owner: &str,
    app: &InstalledApp,
    objects: &[Object],
    world: &World,
) -> Vec<Found> {
    let mut described: Vec<Described> = Vec::new();
    for object in in_order(objects, INTERFACE) {
        for (name, takes) in describe(owner, &object.path, world).await {
            match described.iter_mut().find(|known| known.name == name) {
                Some(known) if known.takes == takes => known.paths.push(object.path.clone()),
                // Of the same name, and something else.
                Some(_) => {}
                None => described.push(Described {
                    name,
                    takes,
                    paths: vec![object.path.clone()],
                }),
            }
        }
        described.truncate(MOST_OF_APP);
    }
    found(owner, app, described)
}

/// An action with the objects that have it, the newest window last.
struct Described {
    name: String,
    takes: Takes,
    paths: Vec<String>,
}

fn found(owner: &str, app: &InstalledApp, described: Vec<Described>) -> Vec<Found> {
    let found = described.into_iter().map(|described| {
        let words = naming::words(&described.name);
        let label = naming::label(&words);
        Found {
            labels: [label.clone(), String::new()],
            words,
            within: String::new(),
            tip: String::new(),
            means: Means::GtkAction,
            // It tells labels of menus alone, and few apps have one.
            is_guessed: true,
            arguments: described.takes.arguments(),
            output: Output::None,
            place: format!("{owner} {}", described.paths.join(" ")),
            action: Arc::new(GtkAction {
                owner: Owner {
                    app: app.clone(),
                    name: owner.to_owned(),
                },
                paths: described.paths,
                name: described.name,
                label,
                takes: described.takes,
            }),
        }
    });
    found.collect()
}

/// The objects that have an interface; of those beside each other the one with the smallest number first, which is the
/// oldest window. A bus tells them in no order.
pub(super) fn in_order<'o>(objects: &'o [Object], interface: &str) -> Vec<&'o Object> {
    let mut objects: Vec<&Object> = objects
        .iter()
        .filter(|object| object.has(interface))
        .collect();
    objects.sort_by_key(|object| {
        let (above, last) = object.path.rsplit_once('/').unwrap_or_default();
        let depth = object.path.matches('/').count();
        (depth, above.to_owned(), last.len(), last.to_owned())
    });
    objects
}

async fn describe(owner: &str, path: &str, world: &World) -> Vec<(String, Takes)> {
    let Some(target) = target(owner, path, world) else {
        return Vec::new();
    };
    let Ok(reply) = target
        .call(INTERFACE, "DescribeAll", Vec::new(), world)
        .await
    else {
        return Vec::new();
    };
    let Value::Record(actions) = dbus::first_of_reply(reply) else {
        return Vec::new();
    };
    let described = actions
        .into_iter()
        .filter(|(name, _)| name.len() <= MOST_OF_LABEL)
        .filter_map(|(name, description)| Some((name, State::of(&description)?.takes()?)));
    described.take(MOST_OF_APP).collect()
}

/// What an action is just now.
struct State {
    is_enabled: bool,
    signature: String,
    values: Vec<Value>,
}

impl State {
    fn takes(&self) -> Option<Takes> {
        Takes::of(&self.signature, &self.values)
    }

    /// Reads `(bgav)`.
    fn of(description: &Value) -> Option<State> {
        match description {
            Value::List(parts) => match parts.as_slice() {
                [
                    Value::Bool(is_enabled),
                    Value::Text(signature),
                    Value::List(values),
                ] => Some(State {
                    is_enabled: *is_enabled,
                    signature: signature.clone(),
                    values: values.clone(),
                }),
                _ => None,
            },
            _ => None,
        }
    }
}

struct GtkAction {
    owner: Owner,
    /// The objects that had it, the newest window last.
    paths: Vec<String>,
    name: String,
    label: String,
    takes: Takes,
}

impl GtkAction {
    /// Finds the newest object where it can be used now.
    async fn usable<'w>(&self, world: &'w World) -> Result<(Target<'w>, State), FunctionError> {
        let mut id = "app-action-gone";
        for path in self.paths.iter().rev() {
            let Some(target) = target(&self.owner.name, path, world) else {
                break;
            };
            match self.state(&target, world).await {
                Ok(state) if state.takes().as_ref() != Some(&self.takes) => {}
                Ok(state) if state.is_enabled => return Ok((target, state)),
                Ok(_) => id = "app-action-disabled",
                // A call that was under way when the app ended has no answer either.
                Err(error)
                    if error.problem.id == "dbus-timeout"
                        && self.owner.process(world).await.is_some() =>
                {
                    let values = [("service", self.owner.app.shown_name(world.language))];
                    return Err(failure("dbus-timeout", &values, world));
                }
                Err(_) => {}
            }
        }
        Err(unavailable(id, &self.label, world))
    }

    async fn state(&self, target: &Target<'_>, world: &World) -> Result<State, FunctionError> {
        let arguments = vec![Variant::from(self.name.clone())];
        let reply = target.call(INTERFACE, "Describe", arguments, world).await?;
        // The one result is a structure, which looks like three results.
        let state = State::of(&reply).or_else(|| State::of(&dbus::first_of_reply(reply)));
        state.ok_or_else(|| unusable(world))
    }

    async fn activate(
        &self,
        target: &Target<'_>,
        parameter: Option<Variant<'static>>,
        world: &World,
    ) -> Result<(), FunctionError> {
        let mut parameters = Array::new(&Signature::Variant);
        if let Some(parameter) = parameter {
            let wrapped = Variant::Variant(Box::new(parameter));
            parameters.append(wrapped).map_err(|_| unusable(world))?;
        }
        let platform = Dict::new(&Signature::Str, &Signature::Variant);
        let arguments = vec![
            Variant::from(self.name.clone()),
            Variant::Array(parameters),
            Variant::Dict(platform),
        ];
        target.call(INTERFACE, "Activate", arguments, world).await?;
        Ok(())
    }
}

fn unusable(world: &World) -> FunctionError {
    FunctionError::unusable("value", world.language)
}

#[async_trait]
impl Action for GtkAction {
    /// It was there when the app was looked at; [`Action::intend`] looks again.
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, _: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (target, _) = self.usable(world).await?;
        let window = target.path.rsplit_once("/window/");
        Ok(self
            .owner
            .intent(window.map(|(_, number)| number), world)
            .await)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (target, state) = self.usable(world).await?;
        let acted = self.act(&target, &state, entry.call(), world).await;
        self.owner.told(acted, world).await?;
        Ok(self.owner.asked(&self.label, world))
    }
}

impl GtkAction {
    async fn act(
        &self,
        target: &Target<'_>,
        state: &State,
        call: &ResolvedCall,
        world: &World,
    ) -> Result<(), FunctionError> {
        match &self.takes {
            Takes::Nothing => self.activate(target, None, world).await,
            Takes::Switch => {
                let now = matches!(state.values.as_slice(), [Value::Bool(true)]);
                let wanted = wanted(now, call);
                if wanted == now {
                    return Ok(());
                }
                self.activate(target, None, world).await?;
                self.stands(target, state, &Value::Bool(wanted), world)
                    .await
            }
            Takes::Value(_, signature) => {
                let value = call.argument("value").ok_or_else(|| unusable(world))?;
                let given = variant(value, signature).ok_or_else(|| unusable(world))?;
                self.activate(target, Some(given), world).await?;
                self.stands(target, state, value, world).await
            }
        }
    }

    /// Waits until the state is as wanted; one that has no state cannot be looked at.
    async fn stands(
        &self,
        target: &Target<'_>,
        before: &State,
        wanted: &Value,
        world: &World,
    ) -> Result<(), FunctionError> {
        if before.values.is_empty() {
            return Ok(());
        }
        let settling = Settling::new();
        while self.state(target, world).await?.values.first() != Some(wanted) {
            settling.wait(&self.name, world).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_come_in_the_order_of_their_numbers() {
        let object = |path: &str, interface: &str| Object {
            path: path.to_owned(),
            interfaces: vec![interface.to_owned()],
            methods: Vec::new(),
        };
        let objects = [
            object("/a/window/10", INTERFACE),
            object("/a/window/9", INTERFACE),
            object("/a/window", "org.example.Other"),
            object("/a", INTERFACE),
        ];
        let order: Vec<&str> = in_order(&objects, INTERFACE)
            .iter()
            .map(|object| object.path.as_str())
            .collect();
        assert_eq!(order, ["/a", "/a/window/9", "/a/window/10"]);
    }

    #[test]
    fn actions_take_what_the_language_can_say() {
        assert_eq!(Takes::of("", &[]), Some(Takes::Nothing));
        assert_eq!(Takes::of("", &[Value::Bool(false)]), Some(Takes::Switch));
        let number = Takes::of("u", &[Value::Number(8.0)]).expect("a number");
        assert_eq!(
            number.arguments()[0].ty,
            Type::Int {
                min: None,
                max: None
            }
        );
        assert!(number.arguments()[0].required);
        assert_eq!(Takes::of("(ss)", &[]), None);
        assert_eq!(Takes::of("h", &[]), None);
    }
}
