//! Indexes: signed lists of plugins that others publish.
//!
//! An index is a folder, on this machine or behind HTTPS, with `index.json`, its signature `index.json.minisig` and the
//! archives that it names. A person adds it with its public key; nothing is fetched before. What is fetched has to be
//! what was signed, byte for byte, and is installed as any other plugin: with a question.

use std::{
    fs, io,
    io::Read as _,
    path::{Component, Path, PathBuf},
    process::Stdio,
};

use jiff::civil::Date;
use minisign_verify::{PublicKey, Signature};
use plan::Effect;
use protocol::text::Language;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt as _;

use super::{Plugin, PluginError, unpack};
use crate::{
    Places,
    mcp::{MOST_BYTES, digest_of},
    spawn,
};

/// The file that lists the plugins, and that of its signature.
pub const INDEX: &str = "index.json";
/// See [`INDEX`].
pub const SIGNATURE: &str = "index.json.minisig";
/// The settings in which a person writes down indexes, in the folder of Lucid's settings.
pub const SETTINGS: &str = "indexes.toml";

/// The most bytes of an index, of its signature, and of an archive.
const MOST_OF_INDEX: u64 = 8 << 20;
const MOST_OF_SIGNATURE: u64 = 4096;
/// The most that is read of what curl complains about.
const MOST_SAID: u64 = 4096;
/// The most plugins of one index.
const MOST_PLUGINS: usize = 10_000;
/// How long one file may take to begin and to come, and what is too slow: fewer bytes a second for so many seconds.
const PATIENCE: [&str; 8] = [
    "--connect-timeout",
    "15",
    "--max-time",
    "900",
    "--speed-limit",
    "1000",
    "--speed-time",
    "30",
];

/// An index that a person has added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What the person calls it.
    pub name: String,
    /// Its folder: a path, with `~` for the home folder, or an address that begins with `https://`.
    pub place: String,
    /// Its public key, as minisign writes it.
    pub key: String,
}

/// What an index says: all of it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// When it was written.
    pub issued: Date,
    /// The last day on which it may be used, if it has one: an old index hides what was mended since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// The plugins.
    pub plugins: Vec<Entry>,
}

/// A plugin of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// What it does, in English.
    pub summary: String,
    /// The same in Chinese.
    #[serde(default)]
    pub summary_zh: String,
    /// Its functions.
    pub functions: Vec<Listed>,
    /// The name of its archive, in the folder of the index.
    pub archive: String,
    /// The size of the archive in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// A function of a plugin of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// What it does, in English.
    pub summary: String,
    /// What it does to the world.
    pub effect: Effect,
}

/// Why an index, or a plugin of it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The settings do not read.
    #[error("{path}: {reason}")]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        reason: String,
    },
    /// A file of it cannot be had.
    #[error("{file} cannot be had: {reason}")]
    Unreachable {
        /// Its path or address.
        file: String,
        /// Why.
        reason: String,
    },
    /// The key in the settings is none.
    #[error("{0}'s key is no key of minisign")]
    Key(String),
    /// It is not what was signed with that key.
    #[error("{0} is not signed with the key that you gave")]
    Unsigned(String),
    /// It is signed, and cannot be read.
    #[error("{index} cannot be read: {reason}")]
    Broken {
        /// Its name.
        index: String,
        /// Why.
        reason: String,
    },
    /// Its time is over.
    #[error("{index} was to be used until {day}")]
    Expired {
        /// Its name.
        index: String,
        /// The last day.
        day: Date,
    },
    /// An archive is not the one that the index names.
    #[error("{0} is not the archive that was signed")]
    Changed(String),
    /// No index has a plugin of that id.
    #[error("no index has a plugin {0}")]
    Unknown(String),
    /// What was fetched is no plugin that can be used.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// Reads the indexes that a person has written down, in their order; none where there is no such file.
///
/// # Errors
///
/// When the file cannot be read or has a mistake.
pub fn sources(config: &Path) -> Result<Vec<Source>, IndexError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        #[serde(default)]
        index: Vec<Source>,
    }
    let path = config.join("lucid").join(SETTINGS);
    let wrong = |reason: String| IndexError::Settings {
        path: path.clone(),
        reason,
    };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| wrong(error.to_string()))?,
    };
    let settings: Settings = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(settings.index)
}

impl Source {
    /// Fetches the index and makes sure that it is what was signed, and still to be used `today`.
    ///
    /// # Errors
    ///
    /// When it cannot be had, is not signed with the key, cannot be read or has expired.
    pub async fn open(&self, places: &Places, today: Date) -> Result<Index, IndexError> {
        let key = PublicKey::from_base64(&self.key);
        let key = key.map_err(|_| IndexError::Key(self.name.clone()))?;
        let text = self.fetch(INDEX, MOST_OF_INDEX, places).await?;
        let signature = self.fetch(SIGNATURE, MOST_OF_SIGNATURE, places).await?;
        let unsigned = || IndexError::Unsigned(self.name.clone());
        let signature = String::from_utf8(signature).map_err(|_| unsigned())?;
        let signature = Signature::decode(&signature).map_err(|_| unsigned())?;
        key.verify(&text, &signature, false)
            .map_err(|_| unsigned())?;
        self.read(&text, today)
    }

    fn read(&self, text: &[u8], today: Date) -> Result<Index, IndexError> {
        let broken = |reason: String| IndexError::Broken {
            index: self.name.clone(),
            reason,
        };
        let index: Index =
            serde_json::from_slice(text).map_err(|error| broken(error.to_string()))?;
        if index.plugins.len() > MOST_PLUGINS {
            return Err(broken(format!("it has more than {MOST_PLUGINS} plugins")));
        }
        for entry in &index.plugins {
            if !super::is_name(&entry.id) {
                return Err(broken(format!("`{}` is no name of a plugin", entry.id)));
            }
            if !is_file_name(&entry.archive) || entry.size > MOST_BYTES {
                return Err(broken(format!("the archive of {} is none", entry.id)));
            }
        }
        match index.expires {
            Some(day) if day < today => Err(IndexError::Expired {
                index: self.name.clone(),
                day,
            }),
            _ => Ok(index),
        }
    }

    /// Fetches a plugin, makes sure that it is what was signed, and unpacks it into `folder`; returns its own folder.
    ///
    /// # Errors
    ///
    /// When its archive cannot be had, is another one, or holds another plugin than it says.
    pub async fn plugin(
        &self,
        entry: &Entry,
        places: &Places,
        folder: &Path,
    ) -> Result<PathBuf, IndexError> {
        let changed = || IndexError::Changed(entry.archive.clone());
        let bytes = self.fetch(&entry.archive, entry.size, places).await?;
        if bytes.len() as u64 != entry.size
            || !digest_of(&bytes).eq_ignore_ascii_case(&entry.sha256)
        {
            return Err(changed());
        }
        let archive = folder.join("archive.zip");
        let failed = |source| PluginError::File {
            path: archive.clone(),
            source,
        };
        fs::write(&archive, bytes).map_err(failed)?;
        let unpacked = unpack(&archive, &folder.join("unpacked"))?;
        if Plugin::read(&unpacked)?.id != entry.id {
            return Err(changed());
        }
        Ok(unpacked)
    }

    /// Reads one file of the index, of at most so many bytes.
    async fn fetch(&self, file: &str, most: u64, places: &Places) -> Result<Vec<u8>, IndexError> {
        let place = self.place.trim_end_matches('/');
        let path = format!("{place}/{file}");
        let unreachable = |reason: String| IndexError::Unreachable {
            file: path.clone(),
            reason,
        };
        if place.starts_with("https://") {
            let fetched = fetch_address(&path, most, places).await;
            return fetched.map_err(unreachable);
        }
        if place.contains("://") {
            return Err(unreachable("only https:// and folders are read".to_owned()));
        }
        let path = match path.strip_prefix("~/") {
            Some(rest) => places.home.join(rest),
            None => PathBuf::from(&path),
        };
        read_file(&path, most).map_err(|error| unreachable(error.to_string()))
    }
}

fn read_file(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long"));
    }
    Ok(bytes)
}

/// Fetches an address with curl, whose proxies and certificates are those of the system. A person's own settings of
/// curl are not read: they could change what comes.
async fn fetch_address(address: &str, most: u64, places: &Places) -> Result<Vec<u8>, String> {
    let started = spawn::application("curl", places)
        .args(["-q", "--globoff", "--silent", "--show-error", "--fail"])
        .args(["--location", "--max-redirs", "5", "--proto", "=https"])
        .args(PATIENCE)
        .arg("--")
        .arg(address)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut curl = match started {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err("curl is not installed".to_owned());
        }
        started => started.map_err(|error| error.to_string())?,
    };
    let (mut bytes, mut said) = (Vec::new(), Vec::new());
    // No more than may be is taken, whatever a server says about sizes.
    let output = curl.stdout.take().map(|output| output.take(most + 1));
    let errors = curl.stderr.take().map(|errors| errors.take(MOST_SAID));
    let (read, _) = tokio::join!(
        async {
            match output {
                Some(mut output) => output.read_to_end(&mut bytes).await,
                None => Ok(0),
            }
        },
        async {
            match errors {
                Some(mut errors) => errors.read_to_end(&mut said).await,
                None => Ok(0),
            }
        },
    );
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err("it is too long".to_owned());
    }
    let ended = curl.wait().await.map_err(|error| error.to_string())?;
    if !ended.success() {
        let said = String::from_utf8_lossy(&said);
        return Err(said.trim().trim_start_matches("curl: ").to_owned());
    }
    Ok(bytes)
}

/// Whether it names a file beside the index, and nothing else.
fn is_file_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let is_one = matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(_)), None)
    );
    is_one
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

impl Index {
    /// Lists the archives in `folder`, as `lucid plugin pack` wrote them.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, holds no plugin, or one with mistakes, or two hold the same plugin.
    pub fn of_folder(
        folder: &Path,
        issued: Date,
        expires: Option<Date>,
    ) -> Result<Index, IndexError> {
        let failed = |source| PluginError::File {
            path: folder.to_owned(),
            source,
        };
        let mut archives: Vec<PathBuf> = fs::read_dir(folder)
            .map_err(failed)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "zip"))
            .collect();
        archives.sort();
        let mut index = Index {
            issued,
            expires,
            plugins: Vec::new(),
        };
        for archive in &archives {
            let entry = Entry::of_archive(archive)?;
            if index.plugins.iter().any(|known| known.id == entry.id) {
                let reason = io::Error::other(format!("another archive holds {} too", entry.id));
                return Err(failed_at(archive, reason).into());
            }
            index.plugins.push(entry);
        }
        Ok(index)
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Returns the plugins that all of the words are about, in the order of their ids; all where there is no word.
    pub fn search<'i>(&'i self, words: &str) -> Vec<&'i Entry> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<&Entry> = self
            .plugins
            .iter()
            .filter(|entry| {
                let text = entry.searched();
                words.iter().all(|word| text.contains(word))
            })
            .collect();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        found
    }
}

fn failed_at(path: &Path, source: io::Error) -> PluginError {
    PluginError::File {
        path: path.to_owned(),
        source,
    }
}

impl Entry {
    fn of_archive(archive: &Path) -> Result<Entry, PluginError> {
        let failed = |source| failed_at(archive, source);
        let bytes = read_file(archive, MOST_BYTES).map_err(failed)?;
        let unpacked = tempfile::tempdir().map_err(failed)?;
        let plugin = Plugin::read(&unpack(archive, unpacked.path())?)?;
        if !plugin.mistakes.is_empty() {
            return Err(PluginError::Mistakes(plugin.mistakes));
        }
        let name = archive.file_name().and_then(|name| name.to_str());
        let name = name.filter(|name| is_file_name(name));
        let name = name.ok_or_else(|| {
            failed(io::Error::other(
                "its name has other signs than letters, digits and “._-”",
            ))
        })?;
        let listed = |function: &super::Described| Listed {
            name: function.name.clone(),
            summary: function.summary.clone(),
            effect: function.effect,
        };
        Ok(Entry {
            id: plugin.id.clone(),
            summary: plugin.summary(Language::English).to_owned(),
            summary_zh: plugin.summary(Language::Chinese).to_owned(),
            functions: plugin.functions.iter().map(listed).collect(),
            archive: name.to_owned(),
            size: bytes.len() as u64,
            sha256: digest_of(&bytes),
        })
    }

    /// What it does, in a line.
    pub fn summary(&self, language: Language) -> &str {
        match language {
            Language::Chinese if !self.summary_zh.is_empty() => &self.summary_zh,
            _ => &self.summary,
        }
    }

    fn searched(&self) -> String {
        let mut text = format!("{} {} {}", self.id, self.summary, self.summary_zh);
        for function in &self.functions {
            text.push_str(&format!(" {} {}", function.name, function.summary));
        }
        text.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const PLUGIN: &str = r#"
        [plugin]
        id = "awake"
        summary = { en = "Tells since when this computer runs.", zh = "告诉你电脑开了多久。" }
        [[function]]
        name = "awake.since"
        summary = "Tells since when the computer runs."
        summary_zh = "电脑从何时起运行。"
        label = "Since"
        label_zh = "何时起"
        effect = "read"
        output = { kind = "value", type = "text(200)" }
        examples = [
            { language = "en", request = "since when is it awake", plan = 'awake.since()' },
            { language = "en", request = "how long is it awake", plan = 'awake.since()' },
            { language = "en", request = "awake since", plan = 'awake.since()' },
            { language = "zh", request = "醒了多久", plan = 'awake.since()' },
            { language = "zh", request = "何时醒的", plan = 'awake.since()' },
        ]
        [function.command]
        argv = ["uptime", "--since"]
        stdout = "text"
    "#;
    const TODAY: Date = date(2026, 11, 27);

    fn places() -> Places {
        Places {
            home: "/nowhere".into(),
            config: "/nowhere/.config".into(),
            cache: "/nowhere/.cache".into(),
            state: "/nowhere/.state".into(),
            data: "/nowhere/.data".into(),
            data_dirs: Vec::new(),
            runtime: None,
            bus: None,
        }
    }

    struct Shop {
        folder: tempfile::TempDir,
        keys: minisign::KeyPair,
    }

    impl Shop {
        fn new() -> Shop {
            let shop = Shop {
                folder: tempfile::tempdir().expect("a folder"),
                keys: minisign::KeyPair::generate_unencrypted_keypair().expect("keys"),
            };
            let root = tempfile::tempdir().expect("a folder");
            let plugin = root.path().join("awake");
            fs::create_dir(&plugin).expect("a folder");
            fs::write(plugin.join("plugin.toml"), PLUGIN).expect("a manifest");
            let plugin = Plugin::read(&plugin).expect("a plugin");
            assert!(plugin.mistakes.is_empty(), "{:?}", plugin.mistakes);
            super::super::pack(&plugin, &shop.path("awake.zip")).expect("an archive");
            shop
        }

        fn path(&self, file: &str) -> PathBuf {
            self.folder.path().join(file)
        }

        fn publish(&self, index: &Index) {
            fs::write(self.path(INDEX), index.text()).expect("the index");
            let text = index.text();
            let signature = minisign::sign(None, &self.keys.sk, text.as_bytes(), None, None);
            let signature = signature.expect("a signature").to_string();
            fs::write(self.path(SIGNATURE), signature).expect("the signature");
        }

        fn source(&self) -> Source {
            Source {
                name: "club".to_owned(),
                place: self.folder.path().display().to_string(),
                key: self.keys.pk.to_base64(),
            }
        }

        fn index(&self) -> Index {
            Index::of_folder(self.folder.path(), TODAY, None).expect("an index")
        }

        async fn open(&self) -> Result<Index, String> {
            let opened = self.source().open(&places(), TODAY).await;
            opened.map_err(|error| error.to_string())
        }
    }

    #[tokio::test]
    async fn what_was_signed_is_found_and_unpacked() {
        let shop = Shop::new();
        shop.publish(&shop.index());
        let index = shop.open().await.expect("an index");
        assert_eq!(index, shop.index());
        for (words, found) in [
            ("", 1),
            ("AWAKE", 1),
            ("computer runs", 1),
            ("电脑", 1),
            ("moon", 0),
        ] {
            assert_eq!(index.search(words).len(), found, "{words}");
        }
        let to = tempfile::tempdir().expect("a folder");
        let entry = &index.plugins[0];
        let unpacked = shop.source().plugin(entry, &places(), to.path()).await;
        let plugin = Plugin::read(&unpacked.expect("a plugin")).expect("a manifest");
        assert_eq!(plugin.id, "awake");
    }

    #[tokio::test]
    async fn what_was_not_signed_is_refused() {
        let shop = Shop::new();
        assert!(
            shop.open()
                .await
                .is_err_and(|error| error.contains("cannot be had"))
        );
        shop.publish(&shop.index());
        let text = fs::read_to_string(shop.path(INDEX)).expect("the index");
        fs::write(shop.path(INDEX), text.replace("computer", "Computer")).expect("a file");
        let unsigned = "club is not signed with the key that you gave";
        assert_eq!(shop.open().await, Err(unsigned.to_owned()));
        // Signed by somebody else.
        let other = Shop::new();
        shop.publish(&shop.index());
        let signature = minisign::sign(None, &other.keys.sk, text.as_bytes(), None, None);
        let signature = signature.expect("a signature").to_string();
        fs::write(shop.path(SIGNATURE), signature).expect("a file");
        assert_eq!(shop.open().await, Err(unsigned.to_owned()));
        fs::write(shop.path(SIGNATURE), [0xff; 90]).expect("a file");
        assert_eq!(shop.open().await, Err(unsigned.to_owned()));
        let source = Source {
            key: "RWQ".to_owned(),
            ..shop.source()
        };
        let opened = source.open(&places(), TODAY).await;
        assert!(matches!(opened, Err(IndexError::Key(_))));
    }

    #[tokio::test]
    async fn an_archive_that_is_another_one_is_refused() {
        let shop = Shop::new();
        let index = shop.index();
        let to = tempfile::tempdir().expect("a folder");
        let get = async |entry: &Entry| {
            let source = shop.source();
            let got = source.plugin(entry, &places(), to.path()).await;
            got.map(|_| ()).map_err(|error| error.to_string())
        };
        let mut bytes = fs::read(shop.path("awake.zip")).expect("the archive");
        bytes[9] ^= 1;
        fs::write(shop.path("awake.zip"), &bytes).expect("a file");
        let changed = Err("awake.zip is not the archive that was signed".to_owned());
        assert_eq!(get(&index.plugins[0]).await, changed);
        fs::write(shop.path("awake.zip"), &bytes[..bytes.len() / 2]).expect("a file");
        assert_eq!(get(&index.plugins[0]).await, changed);
        bytes[9] ^= 1;
        fs::write(shop.path("awake.zip"), &bytes).expect("a file");
        let named_otherwise = Entry {
            id: "asleep".to_owned(),
            ..index.plugins[0].clone()
        };
        assert_eq!(get(&named_otherwise).await, changed);
    }

    #[tokio::test]
    async fn no_index_leads_elsewhere_or_is_used_too_long() {
        let shop = Shop::new();
        let index = shop.index();
        for archive in [
            "../awake.zip",
            "/etc/passwd",
            "a/b.zip",
            "",
            "..",
            "https://x",
        ] {
            let mut leading = index.clone();
            leading.plugins[0].archive = archive.to_owned();
            shop.publish(&leading);
            let refused = shop.open().await.expect_err("it leads elsewhere");
            assert!(
                refused.contains("the archive of awake is none"),
                "{refused}"
            );
        }
        let expired = Index {
            expires: Some(date(2026, 11, 26)),
            ..index
        };
        shop.publish(&expired);
        let refused = shop.open().await.expect_err("it has expired");
        assert_eq!(refused, "club was to be used until 2026-11-26");
        let plain = Source {
            place: "http://example.org".to_owned(),
            ..shop.source()
        };
        assert!(plain.open(&places(), TODAY).await.is_err());
        // Nobody listens there.
        let nobody = Source {
            place: "https://127.0.0.1:9/{a,b}".to_owned(),
            ..shop.source()
        };
        let refused = nobody.open(&places(), TODAY).await;
        let refused = refused.expect_err("nobody answers").to_string();
        assert!(
            refused.starts_with("https://127.0.0.1:9/{a,b}/index.json cannot be had"),
            "{refused}"
        );
    }

    #[test]
    fn settings_are_read_or_their_mistake_is_told() {
        let config = tempfile::tempdir().expect("a folder");
        assert_eq!(sources(config.path()).expect("none"), []);
        let folder = config.path().join("lucid");
        fs::create_dir_all(&folder).expect("a folder");
        let write = |text: &str| fs::write(folder.join(SETTINGS), text).expect("a file");
        write("[[index]]\nname = \"club\"\nplace = \"~/plugins\"\nkey = \"RWQ\"\n");
        assert_eq!(sources(config.path()).expect("one")[0].place, "~/plugins");
        write("[[index]]\nname = \"club\"\nplac = \"~/plugins\"\n");
        let mistake = sources(config.path()).expect_err("a mistake").to_string();
        assert!(mistake.contains("plac"), "{mistake}");
    }
}
