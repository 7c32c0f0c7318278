//! What an adapter is trained on.

use functions::Registry;
use plan::{Moment, Signature, describe, describe_with_hints};
use protocol::text::Language;
use serde::Deserialize;

use super::{Planner, clean};
use crate::{
    Context, Earlier, Found, Request,
    bank::Example,
    prompt::{check_example, with_functions},
    shown::Shown,
};

/// How many more than itself are left out of the nearest examples, in turn: what a person says is mostly less
/// like any example than these are like each other.
const FURTHER: usize = 3;

/// A request as the model would be asked it, and what it should answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Taught {
    /// What the model reads.
    pub prompt: engine::Prompt,
    /// The plan, with a line feed behind each line.
    pub answer: String,
}

impl Planner {
    /// Writes a prompt for each worked example as if the bank did not hold it: call [`Planner::learn`] before.
    ///
    /// What would not reach the model, or cannot be run with the registry, is left out.
    pub async fn taught(&self) -> Vec<Taught> {
        let mut taught = Vec::new();
        let Some(bank) = &self.bank else {
            return taught;
        };
        for (index, example) in bank.examples().enumerate() {
            taught.extend(self.taught_by(example, 1 + index % FURTHER).await);
        }
        taught
    }

    async fn taught_by(&self, example: &Example, left_out: usize) -> Option<Taught> {
        let plan = example.plan(&self.registry)?;
        let words = clean(&example.request).ok()?;
        let earlier = match example.before() {
            None => None,
            Some((utterance, plan)) => {
                let earlier = Earlier {
                    utterance: utterance.to_owned(),
                    plan: plan::parse(plan).ok()?,
                };
                let mut request =
                    Request::new(words.as_str(), Language::English, Moment::from_unix(0, 0));
                request.context = Context::after(earlier);
                Some(self.earlier(&request, &words)?)
            }
        };
        let meaning = self.meanings.of(&words).await;
        let found = self.find(&words, &meaning);
        let mut said = self.in_parts(words.clone(), meaning).await;
        said.left_out = left_out;
        let shown = self.examples(&said, earlier.as_ref(), None);
        Some(Taught {
            prompt: self.prompt(&words, &found, &shown, earlier.as_ref()),
            answer: format!("{}\n", plan.trim_end()),
        })
    }
}

/// A request over functions that nobody has seen before: what plugins add, or a benchmark.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolExample {
    /// The functions that stand before the words.
    pub functions: Vec<Signature>,
    /// The words.
    pub request: String,
    /// The plan.
    pub plan: String,
}

impl ToolExample {
    /// Writes what [`Planner::for_tools`] would ask.
    ///
    /// # Errors
    ///
    /// One sentence, when its plan cannot be run over its functions.
    pub fn taught(&self) -> Result<Taught, String> {
        let registry = Registry::of_signatures(self.functions.iter().cloned());
        check_example(&self.plan, &registry)?;
        let lines = self.functions.iter().map(describe_with_hints);
        Ok(self.behind(&Planner::for_tools(&registry), lines))
    }

    /// Writes what `planner` would ask if plugins had added these functions to its own. Nothing where the plan
    /// calls none of them: one of the planner's own may do it.
    pub fn taught_beside(&self, planner: &Planner) -> Option<Taught> {
        let plan = plan::parse(&self.plan).ok()?;
        let called = crate::examples::functions_of(&plan);
        let is_added = |name: &plan::FunctionName| {
            let mut functions = self.functions.iter();
            functions.any(|function| function.name == *name)
        };
        let calls_added = !called.is_empty() && called.iter().all(is_added);
        calls_added.then(|| self.behind(planner, self.functions.iter().map(describe)))
    }

    fn behind(&self, planner: &Planner, lines: impl Iterator<Item = String>) -> Taught {
        let none = (Found::default(), Shown::default());
        let mut prompt = planner.prompt(&self.request, &none.0, &none.1, None);
        let lines: Vec<String> = lines.collect();
        prompt.user = with_functions(&lines.join("\n"), &self.request);
        Taught {
            prompt,
            answer: format!("{}\n", self.plan.trim_end()),
        }
    }

    /// Puts its functions before the words of another request, as retrieval does with what is near and not meant.
    pub fn before(&self, words: &str) -> String {
        let lines: Vec<String> = self.functions.iter().map(describe).collect();
        with_functions(&lines.join("\n"), words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(plan: &str) -> ToolExample {
        serde_json::from_value(serde_json::json!({
            "functions": [{"name": "garden.water", "summary": "Water a zone", "effect": "read", "arguments": [
                {"name": "zone", "type": "text(300)", "required": true, "hint": "north or south"}]}],
            "request": "water the roses in the north",
            "plan": plan,
        }))
        .expect("an example")
    }

    #[test]
    fn functions_of_plugins_stand_before_the_words() {
        let own = Planner::new(&crate::every_function());
        let water = example("garden.water(\"north\")");
        let among_tools = water.taught().expect("it runs");
        assert_eq!(
            among_tools.prompt.user,
            "More functions:\ngarden.water(zone: text)  # Water a zone\n  zone: north or south\n\nwater the roses in the north"
        );
        let beside = water.taught_beside(&own).expect("it calls one of them");
        assert_eq!(
            beside.prompt.user,
            "More functions:\ngarden.water(zone: text)  # Water a zone\n\nwater the roses in the north"
        );
        assert_eq!(beside.prompt.system, own.constant().system);
        assert_eq!(beside.answer, "garden.water(\"north\")\n");
    }

    #[test]
    fn what_cannot_be_run_is_not_taught() {
        assert!(example("garden.water(7)").taught().is_err());
        assert!(example("garden.mow(\"north\")").taught().is_err());
        let refused = example("say(\"None of the functions does that.\")");
        assert!(refused.taught().is_ok());
        let own = Planner::new(&crate::every_function());
        assert_eq!(refused.taught_beside(&own), None);
    }
}
