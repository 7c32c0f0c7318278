//! A panel: what was drawn so far, and what has to be said to bring it up to date.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    PanelAction, PanelMessage,
    text::{Language, message},
};
use serde_json::{Map, Value as Json, json};

use crate::{
    ActionError, Body, BoundCall, Part,
    bindings::{Binding, Bindings, Meaning},
    render::{Handles, Place, Rendered, problem, render},
    validate::{VERSION, valid_component, validate},
};

/// The catalogue of components.
const CATALOGUE: &str = "lucid:v1";

/// A panel on a surface of the shell.
///
/// It remembers what it sent, so that the kernel hands over all parts each time
/// something is new (a line was decoded, a query gave its rows, a query was run again)
/// and gets only the messages that make the difference.
#[derive(Debug)]
pub struct Panel {
    surface: String,
    language: Language,
    parts: Vec<Part>,
    opened: BTreeSet<String>,
    offsets: BTreeMap<String, usize>,
    handles: Handles,
    bindings: Bindings,
    sent: Option<Sent>,
}

/// What the shell has.
#[derive(Debug, Default)]
struct Sent {
    components: BTreeMap<String, Json>,
    data: BTreeMap<String, Json>,
}

/// What a press came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Pressed {
    /// A call to put to the policy.
    Call(BoundCall),
    /// The panel changed by itself (another page, a fold opened); send these on.
    Redrawn(Vec<PanelMessage>),
}

/// Draws `parts` as a fresh panel.
pub fn compose(surface: &str, language: Language, parts: Vec<Part>) -> (Panel, Vec<PanelMessage>) {
    let mut panel = Panel::new(surface, language);
    let messages = panel.update(parts);
    (panel, messages)
}

impl Panel {
    /// Begins a panel. `surface` is made of ASCII letters, digits, `-` and `_`, such as a turn's id.
    pub fn new(surface: &str, language: Language) -> Panel {
        Panel {
            surface: surface.to_owned(),
            language,
            parts: Vec::new(),
            opened: BTreeSet::new(),
            offsets: BTreeMap::new(),
            handles: Handles::default(),
            bindings: Bindings::default(),
            sent: None,
        }
    }

    /// Returns the surface's id.
    pub fn surface(&self) -> &str {
        &self.surface
    }

    /// Draws `parts` in place of the last ones. Returns what the shell must be told; nothing when nothing is new.
    ///
    /// A part whose data is still pending is drawn as a skeleton, or with its
    /// last data when it had some.
    pub fn update(&mut self, parts: Vec<Part>) -> Vec<PanelMessage> {
        self.parts = parts;
        self.redraw()
    }

    /// Finds out what the person pressed. Each nonce counts once.
    ///
    /// # Errors
    ///
    /// [`ActionError`]; nothing happens then.
    pub fn resolve(&mut self, action: &PanelAction) -> Result<Pressed, ActionError> {
        if action.surface != self.surface {
            return Err(ActionError::Unknown {
                component: action.component.clone(),
                verb: action.verb.clone(),
            });
        }
        match self.bindings.resolve(action)? {
            Meaning::Call(call) => return Ok(Pressed::Call(call)),
            Meaning::Open { component } => {
                self.opened.insert(component);
            }
            Meaning::Page { component, offset } => {
                self.offsets.insert(component, offset);
            }
        }
        Ok(Pressed::Redrawn(self.redraw()))
    }

    /// Returns the messages that draw the panel as it is now from nothing, for a shell that was started anew.
    pub fn replay(&mut self) -> Vec<PanelMessage> {
        self.sent = None;
        self.redraw()
    }

    /// Ends the panel.
    pub fn close(self) -> Vec<PanelMessage> {
        match self.sent {
            Some(_) => vec![envelope(
                "deleteSurface",
                json!({"surfaceId": self.surface}),
            )],
            None => Vec::new(),
        }
    }

    fn redraw(&mut self) -> Vec<PanelMessage> {
        if self.parts.is_empty() && self.sent.is_none() {
            return Vec::new();
        }
        let mut drawing = Drawing::default();
        for part in &self.parts {
            let id = component_id(part);
            if drawing.folded && !matches!(part.body, Body::Section(_)) {
                continue;
            }
            let mut place = Place {
                id: &id,
                language: self.language,
                offset: self.offsets.get(&id).copied().unwrap_or_default(),
                handles: &mut self.handles,
            };
            let rendered = if self.opened.contains(&id) {
                opened()
            } else {
                render(part, &mut place)
            };
            drawing.place(id, part, rendered, self.language);
        }
        let (components, data, bindings) = drawing.finish();
        self.bindings.replace(bindings);
        self.tell(components, data)
    }

    /// Says what is new and remembers it.
    fn tell(
        &mut self,
        components: Vec<(String, Json)>,
        data: Vec<(String, Json)>,
    ) -> Vec<PanelMessage> {
        let mut messages = Vec::new();
        if self.sent.is_none() {
            let surface = json!({"surfaceId": self.surface, "catalogId": CATALOGUE});
            messages.push(envelope("createSurface", surface));
        }
        let sent = self.sent.get_or_insert_default();
        let mut changed = Vec::new();
        for (id, component) in components {
            if sent.components.get(&id) != Some(&component) {
                changed.push(component.clone());
                sent.components.insert(id, component);
            }
        }
        if !changed.is_empty() {
            let update = json!({"surfaceId": self.surface, "components": changed});
            messages.push(envelope("updateComponents", update));
        }
        for (id, value) in data {
            if sent.data.get(&id) != Some(&value) {
                let update =
                    json!({"surfaceId": self.surface, "path": format!("/{id}"), "value": value});
                messages.push(envelope("updateDataModel", update));
                sent.data.insert(id, value);
            }
        }
        messages.retain(is_valid);
        messages
    }
}

/// A message that breaks the catalogue is a bug of this crate; the shell is spared it.
fn is_valid(message: &PanelMessage) -> bool {
    match validate(&message.0) {
        Ok(()) => true,
        Err(invalid) => {
            tracing::error!(%invalid, "a panel message was held back");
            false
        }
    }
}

fn envelope(kind: &str, body: Json) -> PanelMessage {
    PanelMessage(json!({"version": VERSION, kind: body}))
}

/// `s2` for the part of statement 2, `s2-a` for its first other part.
fn component_id(part: &Part) -> String {
    match part.ordinal {
        0 => format!("s{}", part.statement),
        ordinal => format!(
            "s{}-{}",
            part.statement,
            char::from(b'a' + (ordinal - 1) % 26)
        ),
    }
}

/// A fold that was opened: what was in it, in its place.
fn opened() -> Rendered {
    Rendered {
        component: Map::from_iter([
            ("component".to_owned(), json!("Column")),
            ("children".to_owned(), json!([])),
        ]),
        data: None,
        binding: None,
    }
}

/// The panel while its parts are put in their places.
#[derive(Default)]
struct Drawing {
    components: Vec<(String, Map<String, Json>)>,
    children: BTreeMap<String, Vec<String>>,
    data: Vec<(String, Json)>,
    bindings: BTreeMap<String, (usize, Binding)>,
    section: Option<String>,
    /// An opened fold, which holds what follows.
    fold: Option<String>,
    /// After a closed fold.
    folded: bool,
}

type Finished = (
    Vec<(String, Json)>,
    Vec<(String, Json)>,
    BTreeMap<String, (usize, Binding)>,
);

impl Drawing {
    fn place(&mut self, id: String, part: &Part, rendered: Rendered, language: Language) {
        let rendered = sound(&id, rendered, language);
        if matches!(part.body, Body::Section(_)) {
            (self.section, self.fold, self.folded) = (None, None, false);
        } else if matches!(part.body, Body::More(_)) {
            self.fold = None;
        }
        let parent = self.fold.as_ref().or(self.section.as_ref());
        let parent = parent.map_or("root", String::as_str).to_owned();
        self.children.entry(parent).or_default().push(id.clone());
        match part.body {
            Body::Section(_) => self.section = Some(id.clone()),
            Body::More(_) if matches!(rendered.binding, Some(Binding::More)) => self.folded = true,
            Body::More(_) => self.fold = Some(id.clone()),
            _ => {}
        }
        if let Some(binding) = rendered.binding {
            self.bindings.insert(id.clone(), (part.statement, binding));
        }
        if let Some(data) = rendered.data {
            self.data.push((id.clone(), data));
        }
        self.components.push((id, rendered.component));
    }

    fn finish(mut self) -> Finished {
        let root = json!({"id": "root", "component": "Column", "children": self.children.remove("root").unwrap_or_default()});
        let mut components = vec![("root".to_owned(), root)];
        for (id, component) in self.components {
            let mut whole = Map::from_iter([("id".to_owned(), json!(id))]);
            whole.extend(component);
            if let Some(children) = self.children.remove(&id) {
                whole.insert("children".to_owned(), json!(children));
            }
            components.push((id, Json::Object(whole)));
        }
        (components, self.data, self.bindings)
    }
}

/// Draws an error in the place of a part that cannot be drawn, so that the rest of the panel stays.
fn sound(id: &str, rendered: Rendered, language: Language) -> Rendered {
    let mut whole = rendered.component.clone();
    whole.insert("id".to_owned(), json!(id));
    match valid_component(&Json::Object(whole)) {
        Ok(()) => rendered,
        Err(invalid) => {
            tracing::error!(%invalid, "a part of a panel was held back");
            problem(&message(language, "panel-part-broken", &[]), "")
        }
    }
}
