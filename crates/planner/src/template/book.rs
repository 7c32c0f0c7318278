//! All templates of all functions.

use functions::{Function, Registry};
use plan::{
    ArgumentSpec, FunctionName, Literal, LiveNames, Moment, Role, Signatures, Type, Unit, check,
    parse,
};
use protocol::text::{Language, message};

use super::{
    fill::{fill, slots_of},
    pattern::{Pattern, PatternMatch, Slots, Vocabulary},
};
use crate::{
    slot::{self, NameIndex, Surroundings},
    words::Words,
};

/// The compiled templates.
#[derive(Debug, Default)]
pub(crate) struct Book {
    vocabulary: Vocabulary,
    templates: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    function: FunctionName,
    /// Whether that came with Lucid.
    is_own: bool,
    text: String,
    pattern: Pattern,
    /// The pattern's slots, by number.
    slots: Vec<Slot>,
    plan: String,
}

#[derive(Debug)]
struct Slot {
    ty: Type,
    /// Whether it is a text that decides what is done: one thing, and never “2 and follow it there”.
    is_one_thing: bool,
    /// Whether it is a text to calculate.
    is_expression: bool,
}

/// What Lucid's own functions that calculate call their text.
const EXPRESSION: &str = "expression";

/// Where a part of a plan came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The function whose template it is.
    pub(crate) function: FunctionName,
    /// The template.
    pub(crate) pattern: String,
}

/// A plan that templates gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateMatch {
    /// The templates, in the order of the words.
    pub(crate) origins: Vec<Origin>,
    /// The plan's text, a line each.
    pub(crate) plan: String,
    /// Whether some words went into free text.
    pub(crate) has_free_text: bool,
}

/// Why no template was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoMatch {
    /// No template has these words.
    NoWords,
    /// A template has the words, but what stands in its slot is not known here.
    Slot {
        /// The template.
        pattern: String,
    },
}

impl NoMatch {
    /// Says it to a person.
    pub(crate) fn sentence(&self, language: Language) -> String {
        match self {
            NoMatch::NoWords => message(language, "no-template", &[]),
            NoMatch::Slot { pattern } => {
                message(language, "template-near", &[("pattern", pattern)])
            }
        }
    }
}

/// What templates are matched against besides the words.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    /// The functions that a plan may call.
    pub(crate) signatures: &'a dyn Signatures,
    /// The live names.
    pub(crate) index: &'a NameIndex,
    /// The present.
    pub(crate) now: Moment,
}

impl Book {
    /// Compiles the templates of all functions; returns a sentence about each that is broken.
    pub(crate) fn compile(registry: &Registry) -> (Book, Vec<String>) {
        let mut book = Book::default();
        let mut defects = Vec::new();
        for function in registry.functions() {
            for template in &function.templates {
                if let Err(reason) = book.add(function, &template.pattern, &template.plan, registry)
                {
                    let name = &function.signature.name;
                    defects.push(format!("{name}: template `{}`: {reason}", template.pattern));
                }
            }
        }
        (book, defects)
    }

    fn add(
        &mut self,
        function: &Function,
        text: &str,
        plan: &str,
        registry: &Registry,
    ) -> Result<(), String> {
        let pattern =
            Pattern::compile(text, &mut self.vocabulary).map_err(|error| error.to_string())?;
        let slots = pattern
            .slots
            .iter()
            .map(|slot| {
                let argument = function.signature.argument(slot);
                argument
                    .map(|argument| Slot::of(argument, function.is_own))
                    .ok_or_else(|| format!("`{slot}` is no argument of the function"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let missing = slots_of(plan)
            .into_iter()
            .find(|slot| !pattern.slots.iter().any(|known| known == slot));
        if let Some(slot) = missing {
            return Err(format!("the plan uses `{slot}`, which the pattern lacks"));
        }
        try_out(&pattern, &slots, plan, registry)?;
        self.templates.push(Compiled {
            function: function.signature.name.clone(),
            is_own: function.is_own,
            text: text.to_owned(),
            pattern,
            slots,
            plan: plan.trim().to_owned(),
        });
        Ok(())
    }

    /// Returns how many templates there are.
    pub(crate) fn len(&self) -> usize {
        self.templates.len()
    }

    /// Finds the template that fits the whole of the words best.
    pub(crate) fn find(&self, words: &Words, names: Names<'_>) -> Result<TemplateMatch, NoMatch> {
        let numbers = self.vocabulary.numbers(words);
        let mut near: Option<&Compiled> = None;
        let mut found = Vec::new();
        for template in &self.templates {
            if !template.pattern.may_match(&numbers) {
                continue;
            }
            near = near.or(Some(template));
            let reader = Reader {
                words,
                slots: &template.slots,
                names,
            };
            if let Some(matched) = template.pattern.find(&numbers, &reader) {
                found.push((template, matched));
            }
        }
        // What a person adds takes no sentence from Lucid's own functions.
        found.sort_by_key(|(template, matched)| {
            (!template.is_own, std::cmp::Reverse(matched.rank()))
        });
        found
            .iter()
            .find_map(|(template, matched)| template.plan_of(matched, names))
            .ok_or_else(|| match near {
                Some(template) => NoMatch::Slot {
                    pattern: template.text.clone(),
                },
                None => NoMatch::NoWords,
            })
    }
}

impl Compiled {
    /// Fills in the slots; a plan that does not pass the check is no match.
    fn plan_of(&self, matched: &PatternMatch<Literal>, names: Names<'_>) -> Option<TemplateMatch> {
        let slots: Vec<(&str, &Literal)> = matched
            .slots
            .iter()
            .map(|(slot, literal)| (self.pattern.slots[*slot].as_str(), literal))
            .collect();
        let text = fill(&self.plan, &slots)?;
        let plan = parse(&text).ok()?;
        check(&plan, names.signatures, names.index.written()).ok()?;
        Some(TemplateMatch {
            origins: vec![Origin {
                function: self.function.clone(),
                pattern: self.text.clone(),
            }],
            plan: plan.to_string(),
            has_free_text: matched.free_words > 0,
        })
    }
}

impl Slot {
    fn of(argument: &ArgumentSpec, is_own: bool) -> Slot {
        Slot {
            ty: argument.ty.clone(),
            is_one_thing: argument.role == Role::Critical
                && matches!(argument.ty, Type::Text { .. }),
            is_expression: is_own && argument.name == EXPRESSION,
        }
    }
}

struct Reader<'a> {
    words: &'a Words,
    slots: &'a [Slot],
    names: Names<'a>,
}

impl Slots for Reader<'_> {
    type Value = Literal;

    fn longest(&self, slot: usize) -> usize {
        slot::longest(&self.slots[slot].ty)
    }

    fn is_free(&self, slot: usize) -> bool {
        matches!(self.slots[slot].ty, Type::Text { .. })
    }

    fn read(&self, slot: usize, range: std::ops::Range<usize>) -> Option<Literal> {
        let surroundings = Surroundings {
            names: self.names.index,
            now: self.names.now,
        };
        let Slot {
            ty,
            is_one_thing,
            is_expression,
        } = &self.slots[slot];
        let text = self.words.slice(range);
        if *is_one_thing && slot::is_several(text) || *is_expression && !slot::is_expression(text) {
            return None;
        }
        slot::read(text, ty, surroundings)
    }
}

/// Checks the plan of a template with one value for each slot.
fn try_out(
    pattern: &Pattern,
    specs: &[Slot],
    plan: &str,
    registry: &Registry,
) -> Result<(), String> {
    let mut live = LiveNames {
        apps: vec!["sample".to_owned()],
        ..LiveNames::default()
    };
    let samples: Vec<Literal> = specs.iter().map(|slot| sample(&slot.ty)).collect();
    for slot in specs {
        if let Type::Live(source) = &slot.ty {
            live.sources
                .insert(source.clone(), vec!["sample".to_owned()]);
        }
    }
    let slots: Vec<(&str, &Literal)> = pattern
        .slots
        .iter()
        .map(String::as_str)
        .zip(&samples)
        .collect();
    let text = fill(plan, &slots).ok_or("its slots cannot be filled")?;
    let parsed = parse(&text).map_err(|errors| format!("`{text}`: {errors:?}"))?;
    check(&parsed, registry, &live)
        .map(|_| ())
        .map_err(|errors| format!("`{text}`: {errors:?}"))
}

fn sample(ty: &Type) -> Literal {
    let number = |value, unit| Literal::Number { value, unit };
    match ty {
        Type::Bool => Literal::Bool(true),
        Type::Int { min, max } => {
            let value = min.unwrap_or(1).max(1).min(max.unwrap_or(i64::MAX));
            number(value as f64, None)
        }
        Type::Number | Type::Percent => number(1.0, None),
        Type::Bytes => number(1.0, Some(Unit::Megabyte)),
        Type::Duration => number(1.0, Some(Unit::Minute)),
        Type::Time => Literal::Text("18:00".to_owned()),
        Type::Choice(words) => Literal::Text(words.first().cloned().unwrap_or_default()),
        Type::Path(_) => Literal::Text("~/sample".to_owned()),
        _ => Literal::Text("sample".to_owned()),
    }
}
