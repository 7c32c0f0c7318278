//! What needs no model: templates, a value exchanged in the turn before, an example said just so, and
//! the answer to a question.

use std::time::Instant;

use functions::Registry;
use plan::{Expression, FunctionName, Literal, Moment, Signatures as _};
use protocol::{Route, text::message};

use super::{Planner, asked::planned, clean, offered::asks_of_app};
use crate::{
    PlanError, PlanEvent, Planned, Request, Timings, amend, answer,
    decode::{self, Cost},
    examples::functions_of,
    follow::Earlier,
    ground::{Undone, When},
    line::{Draft, LineError},
    shown::Shown,
    slot::{NameIndex, Surroundings},
    template::{self, Names, NoMatch, Origin, TemplateMatch},
    words::Words,
};

/// How likely a function must be meant for words to be about it.
const LIKELY_MEANT: f32 = 0.2;

/// A request with what it is planned over.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) request: &'a Request,
    pub(super) registry: &'a Registry,
    pub(super) available: &'a Registry,
    pub(super) names: &'a NameIndex,
    pub(super) began: Instant,
}

impl<'a> Desk<'a> {
    /// Begins a plan.
    pub(super) fn draft(self) -> Draft<'a> {
        Draft::new(
            self.registry,
            self.available,
            self.names,
            self.request.language,
        )
    }
}

/// What came without a model.
pub(super) enum Quick {
    /// A plan, or why there is none.
    Planned(Box<Result<Planned, PlanError>>),
    /// Nothing, for a reason that the person can read.
    No(String),
}

impl Planner {
    /// Plans what a template fits, the turn before with another value, or an example.
    pub(super) fn quickly(
        &self,
        utterance: &str,
        earlier: Option<&Earlier>,
        desk: Desk<'_>,
        events: &mut (dyn FnMut(PlanEvent) + Send),
    ) -> Quick {
        let language = desk.request.language;
        if !desk.request.use_templates {
            return Quick::No(message(language, "templates-skipped", &[]));
        }
        let reason = match self.match_template(utterance, desk) {
            Ok(found) => return Quick::Planned(Box::new(follow_template(found, desk, events))),
            Err(no_match) => no_match.sentence(language),
        };
        // Words that refer to the turn before mean something else than by themselves.
        let found = match earlier {
            Some(earlier) => self
                .amended(utterance, earlier, desk.request.now, desk.names)
                // “Forget it” is answered in words whatever was before.
                .or_else(|| self.same_example(utterance).filter(is_said)),
            None => self.same_example(utterance),
        };
        // What cannot be used now is for the model to say.
        match found.map(|found| follow_template(found, desk, events)) {
            Some(Ok(planned)) => Quick::Planned(Box::new(Ok(planned))),
            _ => Quick::No(reason),
        }
    }

    /// Says that an act cannot wait, where a template fits what is wished for later: “shut down at 10 pm”.
    pub(super) fn say_only_now(
        &self,
        utterance: &str,
        desk: Desk<'_>,
        events: &mut (dyn FnMut(PlanEvent) + Send),
    ) -> Option<Result<Planned, PlanError>> {
        if !desk.request.use_templates {
            return None;
        }
        let words = Words::of_utterance(utterance);
        let when = When::of(&words);
        let wish = when.wish(&words)?;
        let found = template::find(&self.book, &wish, self.surroundings_of(desk)).ok()?;
        let is_too_early = |origin: &Origin| {
            let signature = self.registry.signature(&origin.function);
            signature.is_some_and(|signature| when.is_too_early_for(signature))
        };
        if !found.origins.iter().all(is_too_early) {
            return None;
        }
        let said = TemplateMatch {
            plan: said(Undone::TooEarly, desk),
            ..found
        };
        Some(follow_template(said, desk, events))
    }

    /// Says why what is likely meant is not done, where the words tell it: it is for later, for again and again, or
    /// denied.
    pub(super) fn say_undone(
        &self,
        utterance: &str,
        shown: &Shown,
        desk: Desk<'_>,
        events: &mut (dyn FnMut(PlanEvent) + Send),
    ) -> Option<Result<Planned, PlanError>> {
        let when = When::of(&Words::of_utterance(utterance));
        let undone = |name: &FunctionName| when.undone(self.registry.signature(name)?);
        let function = shown.likeliest_among(|name| undone(name).is_some(), LIKELY_MEANT)?;
        let said = TemplateMatch {
            plan: said(undone(function)?, desk),
            has_free_text: false,
            origins: vec![Origin {
                function: function.clone(),
                pattern: utterance.to_owned(),
            }],
        };
        Some(follow_template(said, desk, events))
    }

    /// Returns what was asked for in the turn before with the words as its answer, in the forms that may be meant.
    pub(super) fn answered(&self, utterance: &str, desk: Desk<'_>) -> Vec<String> {
        let earlier = desk.request.context.earlier.as_ref();
        let Some(earlier) = earlier.filter(|earlier| !asks_of_app(&earlier.plan)) else {
            return Vec::new();
        };
        let surroundings = Surroundings {
            names: desk.names,
            now: desk.request.now,
        };
        let joined = answer::joined(utterance, earlier, surroundings);
        joined
            .iter()
            .filter_map(|words| clean(words).ok())
            .collect()
    }

    /// Plans the first of some forms that a template fits.
    pub(super) fn answer_quickly(
        &self,
        forms: &[String],
        desk: Desk<'_>,
        events: &mut (dyn FnMut(PlanEvent) + Send),
    ) -> Option<Result<Planned, PlanError>> {
        let mut forms = forms.iter().filter(|_| desk.request.use_templates);
        let (words, found) = forms.find_map(|words| {
            let found = self.match_template(words, desk).ok()?;
            Some((words, found))
        })?;
        let planned = follow_template(found, desk, events);
        Some(planned.map(|planned| Planned {
            answered: Some(words.clone()),
            ..planned
        }))
    }

    /// The plan of the turn before with another value, if the words hold nothing else.
    fn amended(
        &self,
        utterance: &str,
        earlier: &Earlier,
        now: Moment,
        names: &NameIndex,
    ) -> Option<TemplateMatch> {
        let surroundings = Surroundings { names, now };
        let words = Words::of_utterance(utterance);
        let plan = amend::plan(&words, earlier, &self.registry, surroundings)?;
        Some(TemplateMatch {
            has_free_text: false,
            origins: vec![Origin {
                function: functions_of(&plan).into_iter().next()?,
                pattern: format!("{} → {utterance}", earlier.utterance),
            }],
            plan: plan::print(&plan),
        })
    }

    /// The plan of the example that is said just so.
    fn same_example(&self, utterance: &str) -> Option<TemplateMatch> {
        let example = self.bank.as_ref()?.same(utterance)?;
        let plan = example.plan(&self.registry)?.to_owned();
        let function = functions_of(&plan::parse(&plan).ok()?).into_iter().next()?;
        Some(TemplateMatch {
            plan,
            has_free_text: false,
            origins: vec![Origin {
                function,
                pattern: example.request.clone(),
            }],
        })
    }

    pub(super) fn match_template(
        &self,
        utterance: &str,
        desk: Desk<'_>,
    ) -> Result<TemplateMatch, NoMatch> {
        let words = Words::of_utterance(utterance);
        template::find(&self.book, &words, self.surroundings_of(desk))
    }

    fn surroundings_of<'d>(&'d self, desk: Desk<'d>) -> Names<'d> {
        Names {
            signatures: &self.registry,
            index: desk.names,
            now: desk.request.now,
        }
    }
}

/// The plan that says why something is not done.
fn said(undone: Undone, desk: Desk<'_>) -> String {
    say(&message(desk.request.language, undone.message(), &[]))
}

/// The plan that says a sentence.
pub(super) fn say(sentence: &str) -> String {
    format!("say({})", literal(sentence))
}

/// A text as plans write it.
pub(super) fn literal(text: &str) -> String {
    Expression::Literal(Literal::Text(text.to_owned())).to_string()
}

fn is_said(found: &TemplateMatch) -> bool {
    found.plan.starts_with("say(")
}

pub(super) fn follow_template(
    found: TemplateMatch,
    desk: Desk<'_>,
    events: &mut (dyn FnMut(PlanEvent) + Send),
) -> Result<Planned, PlanError> {
    let (mut draft, began) = (desk.draft(), desk.began);
    let routed = began.elapsed();
    for line in found.plan.lines() {
        draft.add(line, None).map_err(|error| match error {
            LineError::Unavailable(function) => PlanError::Unavailable { function },
            LineError::NoSuchApp => PlanError::NoSuchApp,
            LineError::Invalid { text, reason, .. } => PlanError::Invalid {
                line: draft_line(&found, line),
                text,
                reason,
            },
        })?;
    }
    let functions: Vec<String> = found
        .origins
        .iter()
        .map(|origin| origin.function.to_string())
        .collect();
    let patterns: Vec<&str> = found
        .origins
        .iter()
        .map(|origin| origin.pattern.as_str())
        .collect();
    let route = Route::Template {
        function: functions.join(", "),
        pattern: patterns.join(" + "),
    };
    let considered: Vec<FunctionName> = found
        .origins
        .iter()
        .map(|origin| origin.function.clone())
        .collect();
    events(PlanEvent::Routed {
        route: route.clone(),
        considered: considered.clone(),
    });
    let first_statement = Some(began.elapsed());
    decode::send(draft.lines(), events);
    let cost = Cost {
        first_statement,
        ..Cost::default()
    };
    let timings = Timings {
        routed,
        first_statement,
        total: began.elapsed(),
    };
    Ok(planned(&draft, route, considered, cost, timings))
}

fn draft_line(found: &TemplateMatch, line: &str) -> usize {
    found
        .plan
        .lines()
        .position(|other| other == line)
        .map_or(1, |at| at + 1)
}
