//! The text of an answer on its way out.

use engine::protocol::Delta;

use crate::Job;

/// Collects an answer and sends it on, but for an end that may turn out to begin a stop text.
#[derive(Debug)]
pub struct Answer<'a> {
    job: &'a Job,
    stops: &'a [String],
    text: String,
    sent: usize,
}

impl<'a> Answer<'a> {
    /// Begins an answer that ends before the first occurrence of any of `stops`.
    pub fn new(job: &'a Job, stops: &'a [String]) -> Self {
        Self {
            job,
            stops,
            text: String::new(),
            sent: 0,
        }
    }

    /// Adds text. Returns whether a stop text came up: then the answer is complete.
    pub fn push(&mut self, more: &str) -> bool {
        self.text.push_str(more);
        if let Some(end) = first_stop(&self.text, self.stops) {
            self.text.truncate(end);
            return true;
        }
        self.send(self.text.len() - possible_stop(&self.text, self.stops));
        false
    }

    /// Sends what was held back, and returns the whole text.
    pub fn finish(mut self) -> String {
        self.send(self.text.len());
        self.text
    }

    fn send(&mut self, end: usize) {
        if end > self.sent {
            self.job.delta(Delta {
                text: self.text[self.sent..end].to_owned(),
                logprobs: Vec::new(),
            });
            self.sent = end;
        }
    }
}

/// Where the first stop text in `text` begins.
pub fn first_stop(text: &str, stops: &[String]) -> Option<usize> {
    stops.iter().filter_map(|stop| text.find(stop)).min()
}

/// The length of the longest end of `text` with which a stop text may begin.
pub fn possible_stop(text: &str, stops: &[String]) -> usize {
    stops
        .iter()
        .flat_map(|stop| stop.char_indices().map(move |(end, _)| &stop[..end]))
        .filter(|start| text.ends_with(start))
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_may_begin_a_stop_is_held_back() {
        let stops = ["\n\n".to_owned(), "END".to_owned()];
        assert_eq!(possible_stop("line\n", &stops), 1);
        assert_eq!(possible_stop("line EN", &stops), 2);
        assert_eq!(possible_stop("line", &stops), 0);
        assert_eq!(first_stop("a END\n\n", &stops), Some(2));
        assert_eq!(first_stop("a EN\n", &stops), None);
    }
}
