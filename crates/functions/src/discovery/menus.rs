//! `com.canonical.dbusmenu`: the menus of apps that hand them over, with their real labels.

use std::sync::Arc;

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::{Output, Value};
use policy::ResolvedCall;
use zbus::Variant;

use super::{
    Found, MOST_OF_APP, Means,
    acts::{Owner, Settling, unavailable, wanted},
    naming, switch, target,
};
use crate::{
    Action, Availability, FunctionError, InstalledApp, World,
    dbus::{Target, texts},
};

const INTERFACE: &str = "com.canonical.dbusmenu";
/// Menus that hold what people have open or had: names of documents are no functions.
const OF_CONTENT: &[&str] = &[
    "recent",
    "bookmark",
    "history",
    "documents",
    "windows",
    "最近",
    "书签",
    "历史",
    "文档",
    "窗口",
];
/// How deep menus are looked into.
const DEEPEST: usize = 6;
/// What is asked about each item.
const PROPERTIES: [&str; 7] = [
    "label",
    "enabled",
    "visible",
    "type",
    "toggle-type",
    "toggle-state",
    "children-display",
];

/// An item of a menu that does something.
#[derive(Debug, Clone, PartialEq)]
struct Item {
    id: f64,
    /// The labels of the menus that it is in, from the outside.
    within: Vec<String>,
    label: String,
    is_enabled: bool,
    /// Whether it is on, for one that is switched.
    is_on: Option<bool>,
}

impl Item {
    fn is_same(&self, other: &Item) -> bool {
        (&self.within, &self.label) == (&other.within, &other.label)
    }

    /// What people read: `File › Save As`.
    fn path(&self) -> String {
        let all = self.within.iter().chain([&self.label]);
        all.map(String::as_str).collect::<Vec<_>>().join(" › ")
    }

    /// The words that the function is named after; a label without Latin letters gives none, so its place stands for it.
    fn words(&self) -> Vec<String> {
        let all = self.within.iter().chain([&self.label]);
        let words: Vec<String> = all.flat_map(|label| naming::words(label)).collect();
        if naming::words(&self.label).is_empty() {
            return vec!["menu".to_owned(), self.id.to_string()];
        }
        words
    }
}

/// Returns the items of the menus of `owner`, those of the newest window first.
pub(super) async fn items_of(
    owner: &str,
    app: &InstalledApp,
    menus: &[String],
    world: &World,
) -> Vec<Found> {
    let mut known: Vec<Item> = Vec::new();
    for path in menus {
        let Some(items) = items(owner, path, world).await else {
            continue;
        };
        for item in items {
            if known.len() < MOST_OF_APP && !known.iter().any(|other| other.is_same(&item)) {
                known.push(item);
            }
        }
    }
    let found = known.into_iter().map(|item| Found {
        words: item.words(),
        labels: [item.label.clone(), String::new()],
        within: item.within.join(" › "),
        tip: String::new(),
        means: Means::MenuItem,
        is_guessed: false,
        arguments: item.is_on.map(|_| switch()).into_iter().collect(),
        output: Output::None,
        place: format!("{owner} {}", item.path()),
        action: Arc::new(MenuAction {
            owner: Owner {
                app: app.clone(),
                name: owner.to_owned(),
            },
            menus: menus.to_vec(),
            item,
        }),
    });
    found.collect()
}

/// Reads one menu bar; none where it does not answer.
async fn items(owner: &str, path: &str, world: &World) -> Option<Vec<Item>> {
    let properties = texts(PROPERTIES)?;
    let arguments = vec![Variant::I32(0), Variant::I32(-1), properties];
    let target = target(owner, path, world)?;
    let reply = target.call(INTERFACE, "GetLayout", arguments, world).await;
    let reply = reply.ok()?;
    let [_, root] = reply.as_list()? else {
        return None;
    };
    let mut found = Vec::new();
    collect(root, &mut Vec::new(), &mut found);
    Some(found)
}

/// Walks `(ia{sv}av)`.
fn collect(node: &Value, within: &mut Vec<String>, found: &mut Vec<Item>) {
    let Some([Value::Number(id), properties, Value::List(children)]) = node.as_list() else {
        return;
    };
    let text = |name: &str| {
        properties
            .field(name)
            .and_then(Value::as_text)
            .unwrap_or_default()
    };
    let truth = |name: &str| {
        properties
            .field(name)
            .and_then(Value::as_bool)
            .unwrap_or(true)
    };
    if !truth("visible") || text("type") == "separator" || found.len() >= MOST_OF_APP {
        return;
    }
    let label = naming::unmarked(text("label"), '_');
    if children.is_empty() {
        let is_menu = text("children-display") == "submenu";
        if !label.is_empty() && !is_menu && !within.is_empty() {
            let state = properties.field("toggle-state").and_then(Value::as_number);
            let is_switched = text("toggle-type") == "checkmark";
            found.push(Item {
                id: *id,
                within: within.clone(),
                label,
                is_enabled: truth("enabled"),
                is_on: is_switched.then_some(state == Some(1.0)),
            });
        }
        return;
    }
    if within.len() >= DEEPEST {
        return;
    }
    let lower = label.to_lowercase();
    if OF_CONTENT.iter().any(|word| lower.contains(word)) {
        return;
    }
    let is_named = !label.is_empty();
    if is_named {
        within.push(label);
    }
    for child in children {
        collect(child, within, found);
    }
    if is_named {
        within.pop();
    }
}

struct MenuAction {
    owner: Owner,
    /// The menu bars that were there, that of the newest window first.
    menus: Vec<String>,
    item: Item,
}

impl MenuAction {
    /// Finds the item in the first menu bar that has it: its number may be another one by now.
    async fn again<'w>(&self, world: &'w World) -> Result<(Target<'w>, Item), FunctionError> {
        let mut id = "app-action-gone";
        for path in &self.menus {
            let items = items(&self.owner.name, path, world)
                .await
                .unwrap_or_default();
            let Some(item) = items.into_iter().find(|item| item.is_same(&self.item)) else {
                continue;
            };
            if !item.is_enabled {
                id = "app-action-disabled";
                continue;
            }
            if let Some(target) = target(&self.owner.name, path, world) {
                return Ok((target, item));
            }
        }
        Err(unavailable(id, &self.item.path(), world))
    }

    async fn act(&self, call: &ResolvedCall, world: &World) -> Result<(), FunctionError> {
        let (target, item) = self.again(world).await?;
        let wanted = item.is_on.map(|now| wanted(now, call));
        if wanted.is_some() && wanted == item.is_on {
            return Ok(());
        }
        let arguments = vec![
            Variant::I32(item.id as i32),
            Variant::from("clicked".to_owned()),
            Variant::Variant(Box::new(Variant::I32(0))),
            Variant::U32(0),
        ];
        target.call(INTERFACE, "Event", arguments, world).await?;
        let settling = Settling::new();
        while wanted.is_some() && self.again(world).await?.1.is_on != wanted {
            settling.wait(&self.item.path(), world).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Action for MenuAction {
    /// It was there when the app was looked at; [`Action::intend`] looks again.
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, _: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        self.again(world).await?;
        Ok(self.owner.intent(None, world).await)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let acted = self.act(entry.call(), world).await;
        self.owner.told(acted, world).await?;
        Ok(self.owner.asked(&self.item.path(), world))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::MOST_OF_LABEL, *};

    fn node(id: f64, properties: &[(&str, Value)], children: Vec<Value>) -> Value {
        let properties = properties.iter();
        let properties = properties.map(|(name, value)| ((*name).to_owned(), value.clone()));
        let properties = Value::Record(properties.collect());
        Value::List(vec![id.into(), properties, Value::List(children)])
    }

    #[test]
    fn items_are_found_with_their_menus() {
        let label = |text: &str| ("label", Value::from(text));
        let tree = node(
            0.0,
            &[],
            vec![
                node(
                    1.0,
                    &[label("_File"), ("children-display", "submenu".into())],
                    vec![
                        node(2.0, &[label("Save _As…")], vec![]),
                        node(3.0, &[("type", "separator".into())], vec![]),
                        node(4.0, &[label("Hidden"), ("visible", false.into())], vec![]),
                        node(
                            5.0,
                            &[label("Recent"), ("children-display", "submenu".into())],
                            vec![],
                        ),
                    ],
                ),
                node(
                    6.0,
                    &[label("View")],
                    vec![node(
                        7.0,
                        &[
                            label("Status__Bar"),
                            ("toggle-type", "checkmark".into()),
                            ("toggle-state", 1.0.into()),
                            ("enabled", false.into()),
                        ],
                        vec![],
                    )],
                ),
                node(8.0, &[label("A button of its own")], vec![]),
            ],
        );
        let mut found = Vec::new();
        collect(&tree, &mut Vec::new(), &mut found);
        let seen: Vec<(String, bool, Option<bool>)> = found
            .iter()
            .map(|item| (item.path(), item.is_enabled, item.is_on))
            .collect();
        assert_eq!(
            seen,
            [
                ("File › Save As".to_owned(), true, None),
                ("View › Status_Bar".to_owned(), false, Some(true)),
            ]
        );
        assert_eq!(found[0].words(), ["file", "save", "as"]);
        let chinese = Item {
            label: "保存".to_owned(),
            ..found[0].clone()
        };
        assert_eq!(chinese.words(), ["menu", "2"]);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (-9.0..9.0_f64).prop_map(Value::Number),
            "\\PC{0,8}|_*|submenu|separator|checkmark".prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 64, 5, |inner| {
            let key = "label|enabled|visible|type|toggle-type|toggle-state|children-display";
            let properties = prop::collection::btree_map(key, inner.clone(), 0..5);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
                properties.clone().prop_map(Value::Record),
                (any::<i32>(), properties, prop::collection::vec(inner, 0..5)).prop_map(
                    |(id, properties, children)| Value::List(vec![
                        f64::from(id).into(),
                        Value::Record(properties),
                        Value::List(children),
                    ])
                ),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        #[test]
        fn no_layout_makes_it_panic(node in any_value()) {
            let mut found = Vec::new();
            collect(&node, &mut Vec::new(), &mut found);
            for item in found {
                prop_assert!(!item.words().is_empty());
                prop_assert!(item.label.chars().count() <= MOST_OF_LABEL);
            }
        }
    }
}
