//! What the model reads when it plans over functions that are not Lucid's own.
//!
//! The constant part shows no function of the registry, so that one capsule serves every set of
//! functions. Each example brings the functions that it uses, as a request does.

/// The instructions.
pub(crate) const INSTRUCTIONS: &str = "\
You turn what a person says into a plan: one call a line, and nothing else.
Use only the functions that stand before the request.
Take values from the request, in the form that the function describes; leave out what the request does not mention (`name=type` is optional).
A request with several wishes, or about several things, becomes several lines: one call for each, in order.
Call nothing that the request does not ask for: often one call is all.
If none of the functions does what is asked, write only say(\"...\"). Never use a function for something else than it is for.
If a value that is needed is missing, write only ask(\"...\").";

/// A worked example.
pub(crate) struct Example {
    /// The lines of the functions.
    pub(crate) functions: &'static str,
    /// What a person says.
    pub(crate) request: &'static str,
    /// The plan.
    pub(crate) plan: &'static str,
}

/// Several calls, lists, values in a wanted form, and requests without a plan between them; one
/// call, with a function beside it that is not needed, comes last: a small model copies what is near.
pub(crate) const WORKED: &[Example] = &[
    Example {
        functions: "\
tool.mean(values: [number], digits=int)  # Work out the mean of some numbers
tool.describe_city(city: text, with_history=bool)  # Describe a city",
        request: "What is the mean of 3, 4.5 and 9? Also tell me about Oslo, with its history.",
        plan: "\
tool.mean([3, 4.5, 9])
tool.describe_city(\"Oslo\", with_history=true)",
    },
    Example {
        functions: "\
garden.water(zone: text, minutes: int)  # Water a zone of the garden",
        request: "When should I prune my roses?",
        plan: "say(\"None of the functions does that.\")",
    },
    Example {
        functions: "\
tool.convert_length(value: number, from_unit: text, to_unit: text, digits=int)  # Convert a length into another unit",
        request: "How much are 12 feet and 30 yards in metres?",
        plan: "\
tool.convert_length(12, \"feet\", \"metres\")
tool.convert_length(30, \"yards\", \"metres\")",
    },
    Example {
        functions: "\
mail.send(to: text, body: text, subject=text)  # Send a mail
mail.search(words: text, folder=\"inbox\"|\"sent\")  # Search the mails",
        request: "send a mail",
        plan: "ask(\"To whom, and what should it say?\")",
    },
    Example {
        functions: "\
library.find_book(title: text, author=text, language=text)  # Find copies of a book in the library
library.opening_hours(branch: text, day=text)  # Tell when a branch of the library is open",
        request: "Is there a copy of \"The Trial\" by Kafka?",
        plan: "library.find_book(\"The Trial\", author=\"Kafka\")",
    },
    Example {
        functions: "\
paint.litres_needed(width: number, height: number, coats=int)  # Work out how much paint a wall needs
tool.mean(values: [number])  # Work out the mean of some numbers",
        request: "how high is the Eiffel Tower",
        plan: "say(\"None of the functions does that.\")",
    },
    Example {
        functions: "\
hotels.search(city: text, stars=int, pets=bool)  # Search hotels in a city
trains.search(origin: text, destination: text, date: text, seats=int, class=\"first\"|\"second\")  # Search trains
  date: the day of travel in the form DD/MM/YYYY",
        request: "I need two second class seats from Basel to Milan on the 3rd of May 2024.",
        plan: "trains.search(\"Basel\", \"Milan\", \"03/05/2024\", seats=2, class=\"second\")",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples;

    #[test]
    fn examples_call_the_functions_that_they_bring() {
        for example in WORKED {
            let plan = plan::parse(example.plan).expect("it parses");
            for name in examples::functions_of(&plan) {
                let head = format!("{name}(");
                let lines = example.functions.lines();
                assert!(
                    lines.clone().any(|line| line.starts_with(&head)),
                    "{name} is not among {:?}",
                    lines.collect::<Vec<_>>()
                );
            }
        }
    }
}
