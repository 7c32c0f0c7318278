//! What an adapter is trained on.

use plan::Moment;
use protocol::text::Language;

use super::{Planner, clean};
use crate::{Context, Earlier, Request, bank::Example};

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
