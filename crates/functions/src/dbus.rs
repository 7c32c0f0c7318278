//! Interprets the D-Bus behaviours of manifests.
//!
//! A service that is not running is never started by a call, unless its
//! manifest says `activatable = true`: merely asking an activatable name
//! launches it otherwise.

mod bus;
mod convert;
mod forbidden;
mod names;
mod objects;

use std::time::Duration;

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::{Output, Value};
use policy::ResolvedCall;
use protocol::Problem;

pub(crate) use bus::{Target, connection, name_and_detail, values_of};
pub(crate) use convert::{constant, texts, variant};
pub(crate) use forbidden::{forbidden, is_forbidden_name, never_granted};
pub(crate) use names::{beginning, is_present, live_values, no_answer, owners};

use crate::{
    Action, Availability, ErrorKind, FunctionError, World, fill,
    manifest::{DbusBehaviour, LiveDeclaration, LocalText, Member, Place, Requirement},
    mapping,
};

/// A function that is one D-Bus call.
pub(crate) struct DbusAction {
    pub(crate) behaviour: DbusBehaviour,
    /// The live source of the argument that chooses, which tells what each name is called.
    pub(crate) live: Option<LiveDeclaration>,
    pub(crate) output: Output,
    pub(crate) done: Option<LocalText>,
}

impl DbusAction {
    /// Finds the bus and the name that the call goes to.
    async fn target<'w>(
        &self,
        call: Option<&ResolvedCall>,
        chosen: Option<&str>,
        world: &'w World,
    ) -> Result<Target<'w>, FunctionError> {
        let behaviour = &self.behaviour;
        let connection = bus::connection(behaviour.bus, world)?;
        let absent = |chosen| FunctionError {
            kind: ErrorKind::Unavailable,
            problem: self.absent(chosen, world),
        };
        let name = names::resolve(self, connection, chosen, world).await?;
        let name = name.ok_or_else(|| absent(chosen))?;
        if forbidden(&name, &behaviour.interface, "").is_some() {
            return Err(forbidden_error(&name, world));
        }
        let target = |path: String| Target {
            connection,
            name: name.clone(),
            path,
            activatable: behaviour.activatable,
            interactive: behaviour.interactive,
            limit: behaviour
                .timeout
                .map_or(bus::TIMEOUT, Duration::from_secs_f64),
        };
        match behaviour.place() {
            Some(Place::Path(path)) => Ok(target(self.path(path, call, world)?)),
            Some(Place::Objects(root)) => {
                let root = target(root.to_owned());
                let found = objects::list(&root, self.of_objects(), world).await?;
                let object = objects::chosen(found, chosen, self.live.as_ref());
                // A list of none is a list.
                let path = match object {
                    Some(object) => object.path,
                    None if self.lists() => root.path,
                    None => return Err(absent(chosen)),
                };
                Ok(target(path))
            }
            None => Err(no_value(world)),
        }
    }

    /// The interface of the objects of which one is meant: that of the live source where one is chosen.
    fn of_objects(&self) -> &str {
        let of_live = self.live.as_ref().map(|live| live.interface.as_str());
        of_live.unwrap_or(&self.behaviour.interface)
    }

    /// Tells whether it gives all objects as rows.
    fn lists(&self) -> bool {
        self.behaviour.get_all && matches!(self.output, Output::Rows { .. })
    }

    /// The path, with the call's arguments in their places. Each stays one part of it. Without a call it is the template,
    /// of which nothing can be asked.
    fn path(
        &self,
        template: &str,
        call: Option<&ResolvedCall>,
        world: &World,
    ) -> Result<String, FunctionError> {
        let is_part = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let parts = template.split('/').map(|part| {
            let name = part
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            let (Some(name), Some(call)) = (name, call) else {
                return Ok(part.to_owned());
            };
            match call.argument(name) {
                Some(Value::Text(text)) if is_part(text) => Ok(text.clone()),
                Some(Value::Number(number)) if number.fract() == 0.0 && *number >= 0.0 => {
                    Ok(number.to_string())
                }
                _ => Err(FunctionError::unusable(name, world.language)),
            }
        });
        Ok(parts
            .collect::<Result<Vec<String>, FunctionError>>()?
            .join("/"))
    }

    fn absent(&self, chosen: Option<&str>, world: &World) -> Problem {
        if let Some(chosen) = chosen {
            return protocol::text::problem(world.language, "dbus-no-such", &[("name", chosen)]);
        }
        let service = self.behaviour.name.as_str();
        stated(
            self.behaviour.missing.as_ref(),
            self.behaviour.remedy.as_ref(),
            protocol::text::problem(world.language, "dbus-absent", &[("service", service)]),
            world,
        )
    }

    async fn unmet(&self, target: &Target<'_>, world: &World) -> Option<Problem> {
        for requirement in &self.behaviour.require {
            if !self.holds(requirement, target, world).await {
                let remedy = requirement.remedy.as_ref();
                return Some(Problem {
                    id: "service-missing".to_owned(),
                    sentence: requirement.missing.in_language(world.language).to_owned(),
                    remedy: remedy
                        .map(|remedy| remedy.in_language(world.language).to_owned())
                        .unwrap_or_default(),
                });
            }
        }
        None
    }

    async fn holds(&self, requirement: &Requirement, target: &Target<'_>, world: &World) -> bool {
        let interface = requirement
            .interface
            .as_ref()
            .unwrap_or(&self.behaviour.interface);
        let answer = match (&requirement.get, &requirement.method) {
            (Some(property), _) => target.get(interface, property, world).await,
            (None, Some(method)) => target
                .call(interface, method, Vec::new(), world)
                .await
                .map(first_of_reply),
            (None, None) => return false,
        };
        answer.is_ok_and(|value| requirement.is.contains(&value))
    }

    /// Makes the call on `target` and maps the reply.
    async fn perform(
        &self,
        call: &ResolvedCall,
        target: &Target<'_>,
        world: &World,
    ) -> Result<Value, FunctionError> {
        let behaviour = &self.behaviour;
        let interface = behaviour.interface.as_str();
        let mut arguments = convert::arguments(&behaviour.arguments, call, world)?;
        let reply = match behaviour.member() {
            Some(Member::Method(method)) => {
                let reply = target.call(interface, method, arguments, world).await?;
                first_of_reply(reply)
            }
            Some(Member::Get(property)) => target.get(interface, property, world).await?,
            Some(Member::GetAll) => match behaviour.place() {
                Some(Place::Objects(root)) if self.lists() => {
                    let root = Target {
                        path: root.to_owned(),
                        ..target.clone()
                    };
                    objects::rows(objects::list(&root, interface, world).await?)
                }
                _ => target.get_all(interface, world).await?,
            },
            Some(Member::Set(property)) => {
                let value = arguments.pop().ok_or_else(|| no_value(world))?;
                target.set(interface, property, value, world).await?;
                Value::Null
            }
            None => return Err(no_value(world)),
        };
        let source = mapping::Source {
            result: behaviour.result.as_ref(),
            fields: &behaviour.fields,
        };
        Ok(mapping::output(&self.output, source, reply, world.language))
    }

    fn chosen<'c>(&self, call: &'c ResolvedCall) -> Option<&'c str> {
        call.text(self.behaviour.choose.as_deref()?)
    }
}

#[async_trait]
impl Action for DbusAction {
    async fn availability(&self, world: &World) -> Availability {
        let target = match self.target(None, None, world).await {
            Ok(target) => target,
            Err(error) => return Availability::Missing(error.problem),
        };
        match self.unmet(&target, world).await {
            None => Availability::Available,
            Some(problem) => Availability::Missing(problem),
        }
    }

    /// Keeps the name or the object that was chosen, so that the act and its undo go where the intent looked.
    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let target = self.target(Some(call), self.chosen(call), world).await?;
        if let Some(problem) = self.unmet(&target, world).await {
            return Err(FunctionError {
                kind: ErrorKind::Unavailable,
                problem,
            });
        }
        let mut intent = Intent::default();
        if let Some(choose) = &self.behaviour.choose {
            let chosen = match self.behaviour.place() {
                Some(Place::Objects(_)) => target.path,
                _ => target.name,
            };
            intent.facts = Value::record([(choose.as_str(), Value::from(chosen))]);
        }
        Ok(intent)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let target = self.target(Some(call), self.chosen(call), world).await?;
        if let Some(problem) = self.unmet(&target, world).await {
            return Err(FunctionError {
                kind: ErrorKind::Unavailable,
                problem,
            });
        }
        self.perform(call, &target, world).await
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let call = entry.call();
        let fact = self
            .behaviour
            .choose
            .as_ref()
            .and_then(|choose| entry.intent().facts.field(choose)?.as_text());
        let target = self
            .target(Some(call), fact.or(self.chosen(call)), world)
            .await?;
        let value = self.perform(call, &target, world).await?;
        Ok(fill::outcome(
            value,
            entry,
            self.done.as_ref(),
            world.language,
        ))
    }
}

/// A method with one result gives that, one with several gives a list of them.
pub(crate) fn first_of_reply(reply: Value) -> Value {
    match reply {
        Value::List(mut values) if values.len() == 1 => values.remove(0),
        reply => reply,
    }
}

fn forbidden_error(name: &str, world: &World) -> FunctionError {
    FunctionError::new(
        ErrorKind::Invalid,
        world.language,
        "dbus-forbidden",
        &[("service", name)],
    )
}

fn no_value(world: &World) -> FunctionError {
    FunctionError::new(
        ErrorKind::Invalid,
        world.language,
        "manifest-incomplete",
        &[],
    )
}

/// Builds a problem from the manifest's own sentences, where it has some.
pub(crate) fn stated(
    missing: Option<&LocalText>,
    remedy: Option<&LocalText>,
    otherwise: Problem,
    world: &World,
) -> Problem {
    let mut problem = otherwise;
    if let Some(missing) = missing {
        problem.id = "service-missing".to_owned();
        problem.sentence = missing.in_language(world.language).to_owned();
    }
    if let Some(remedy) = remedy {
        problem.remedy = remedy.in_language(world.language).to_owned();
    }
    problem
}
