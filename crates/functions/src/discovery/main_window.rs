//! `org.kde.KMainWindow`: the actions of each window of KDE's apps, with their real labels, wherever their menus are.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::join_all;
use journal::{Intent, OpenEntry, Outcome};
use plan::{Output, Value};
use policy::ResolvedCall;

use super::{
    Found, MOST_OF_APP, MOST_OF_TIP, Means,
    acts::{Owner, Settling, unavailable, wanted},
    gtk::in_order,
    naming,
    objects::{self, Object, is_name},
    switch, target,
};
use crate::{Action, Availability, FunctionError, InstalledApp, World, dbus::Target};

/// What a main window is told by.
pub(super) const INTERFACE: &str = "org.kde.KMainWindow";
/// What each of its actions has. Qt's interfaces are otherwise never called (`dbus::forbidden`), for they reach every
/// part of an app; of this one the properties are read, and `trigger` does what a click on the action would.
const ACTION: &str = "org.qtproject.Qt.QAction";
/// How long an app may take to answer a click.
const ANSWERED: Duration = Duration::from_secs(1);
/// Actions that hold what people have open or had: a click on them does nothing.
const OF_CONTENT: &[&str] = &["recent", "hamburger_menu"];

/// What an action tells about itself.
#[derive(Debug, PartialEq)]
struct Told {
    label: String,
    tip: String,
    is_enabled: bool,
    /// Whether it is on, for one that is switched.
    is_on: Option<bool>,
}

impl Told {
    /// Reads the properties of an action; none where nothing is shown of it.
    fn of(properties: &Value) -> Option<Told> {
        let text = |name: &str| {
            let text = properties.field(name).and_then(Value::as_text);
            text.unwrap_or_default()
        };
        let truth = |name: &str| properties.field(name).and_then(Value::as_bool);
        let label = naming::unmarked(text("text"), '&');
        if label.is_empty() || truth("visible") == Some(false) {
            return None;
        }
        let tips = [text("whatsThis"), text("toolTip")];
        let tips = tips.map(|tip| naming::bounded(tip, MOST_OF_TIP));
        let tip = tips
            .into_iter()
            .find(|tip| !tip.is_empty() && !tip.starts_with('<') && *tip != label);
        let is_switched = truth("checkable") == Some(true);
        Some(Told {
            label,
            tip: tip.unwrap_or_default(),
            is_enabled: truth("enabled") != Some(false),
            is_on: is_switched.then_some(truth("checked") == Some(true)),
        })
    }
}

/// Returns the actions of the main windows of `owner`, those of the oldest first.
pub(super) async fn actions_of(
    owner: &str,
    app: &InstalledApp,
    objects: &[Object],
    world: &World,
) -> Vec<Found> {
    let mut known: Vec<(String, Told)> = Vec::new();
    for window in in_order(objects, INTERFACE) {
        for (name, told) in actions(owner, &window.path, world).await {
            if known.iter().all(|(known, _)| *known != name) {
                known.push((name, told));
            }
        }
        known.truncate(MOST_OF_APP);
    }
    let found = known.into_iter().map(|(name, told)| Found {
        words: naming::words(&name),
        labels: [told.label.clone(), String::new()],
        within: String::new(),
        tip: told.tip,
        means: Means::MainWindow,
        is_guessed: false,
        arguments: told.is_on.map(|_| switch()).into_iter().collect(),
        output: Output::None,
        place: format!("{owner} {name}"),
        action: Arc::new(WindowAction {
            owner: Owner {
                app: app.clone(),
                name: owner.to_owned(),
            },
            name,
            label: told.label,
        }),
    });
    found.collect()
}

/// Returns the actions of one window by their names.
async fn actions(owner: &str, window: &str, world: &World) -> Vec<(String, Told)> {
    let Some(target) = target(owner, window, world) else {
        return Vec::new();
    };
    let asked = target.call(INTERFACE, "actions", Vec::new(), world).await;
    let Some(Value::List(names)) = asked.ok().map(crate::dbus::first_of_reply) else {
        return Vec::new();
    };
    let names = names.into_iter().filter_map(|name| match name {
        Value::Text(name) => Some(name),
        _ => None,
    });
    let names = names
        .filter(|name| is_name(name) && !OF_CONTENT.iter().any(|word| name.contains(word)))
        .take(MOST_OF_APP);
    let told = names.map(|name| async move {
        let told = told(owner, window, &name, world).await?;
        Some((name, told.1))
    });
    join_all(told).await.into_iter().flatten().collect()
}

/// Asks an action what it is just now.
async fn told<'w>(
    owner: &str,
    window: &str,
    name: &str,
    world: &'w World,
) -> Option<(Target<'w>, Told)> {
    let target = target(owner, &format!("{window}/actions/{name}"), world)?;
    let told = Told::of(&target.get_all(ACTION, world).await.ok()?)?;
    Some((target, told))
}

struct WindowAction {
    owner: Owner,
    name: String,
    label: String,
}

impl WindowAction {
    /// Finds the newest window where it can be used now. No signal tells of a new one: so they are looked for anew.
    async fn usable<'w>(
        &self,
        world: &'w World,
    ) -> Result<(String, Target<'w>, Told), FunctionError> {
        let mut id = "app-action-gone";
        let objects = objects::objects(&self.owner.name, world).await;
        for window in in_order(&objects, INTERFACE).into_iter().rev() {
            match told(&self.owner.name, &window.path, &self.name, world).await {
                Some((_, told)) if told.label != self.label => {}
                Some((_, told)) if !told.is_enabled => id = "app-action-disabled",
                Some((target, told)) => return Ok((window.path.clone(), target, told)),
                None => {}
            }
        }
        Err(unavailable(id, &self.label, world))
    }

    /// Does it as a click would. One that opens a dialog answers when that is closed: a living app that does not answer
    /// was asked all the same.
    async fn trigger(&self, mut target: Target<'_>, world: &World) -> Result<(), FunctionError> {
        target.limit = ANSWERED;
        match target.call(ACTION, "trigger", Vec::new(), world).await {
            Err(error)
                if error.problem.id == "dbus-timeout"
                    && self.owner.process(world).await.is_some() =>
            {
                Ok(())
            }
            called => called.map(|_| ()),
        }
    }

    async fn act(&self, call: &ResolvedCall, world: &World) -> Result<(), FunctionError> {
        let (window, target, now) = self.usable(world).await?;
        let wanted = now.is_on.map(|now| wanted(now, call));
        if wanted.is_some() && wanted == now.is_on {
            return Ok(());
        }
        self.trigger(target, world).await?;
        let settling = Settling::new();
        while wanted.is_some() && self.stands(&window, world).await != wanted {
            settling.wait(&self.label, world).await?;
        }
        Ok(())
    }

    /// Asks whether a switch is on.
    async fn stands(&self, window: &str, world: &World) -> Option<bool> {
        let told = told(&self.owner.name, window, &self.name, world).await;
        told.and_then(|(_, told)| told.is_on)
    }
}

#[async_trait]
impl Action for WindowAction {
    /// It was there when the app was looked at; [`Action::intend`] looks again.
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, _: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (window, ..) = self.usable(world).await?;
        let number = window.rsplit_once('_').map(|(_, number)| number);
        Ok(self.owner.intent(number, world).await)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let acted = self.act(entry.call(), world).await;
        self.owner.told(acted, world).await?;
        Ok(self.owner.asked(&self.label, world))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::MOST_OF_LABEL, *};

    fn properties(of: &[(&str, Value)]) -> Value {
        let each = of.iter().cloned();
        Value::Record(each.map(|(name, value)| (name.to_owned(), value)).collect())
    }

    #[test]
    fn an_action_is_told_by_its_label_and_its_tip() {
        let told = Told::of(&properties(&[
            ("text", "Save &As…".into()),
            ("toolTip", "Save As".into()),
            ("whatsThis", "Save the document under another name.".into()),
            ("enabled", false.into()),
        ]));
        let told = told.expect("it has a label");
        assert_eq!(told.label, "Save As");
        assert_eq!(told.tip, "Save the document under another name.");
        assert!(!told.is_enabled);
        assert_eq!(told.is_on, None);
        let switched = Told::of(&properties(&[
            ("text", "Black && White".into()),
            ("toolTip", "<b>Black</b>".into()),
            ("checkable", true.into()),
            ("checked", true.into()),
        ]));
        let switched = switched.expect("it has a label");
        assert_eq!(switched.label, "Black & White");
        assert_eq!(switched.tip, "");
        assert_eq!(switched.is_on, Some(true));
        let hidden = [("text", "Save".into()), ("visible", false.into())];
        assert_eq!(Told::of(&properties(&hidden)), None);
        assert_eq!(Told::of(&Value::Null), None);
    }

    proptest! {
        #[test]
        fn no_label_makes_it_panic(text in "\\PC{0,90}|&*|[&.…]{0,9}") {
            let told = Told::of(&properties(&[("text", text.into())]));
            prop_assert!(told.is_none_or(|told| told.label.chars().count() <= MOST_OF_LABEL));
        }
    }
}
