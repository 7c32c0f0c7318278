//! `settings.wallpaper` and `settings.set_wallpaper`

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::key::Key;
use crate::{
    Action, Availability, ErrorKind, FunctionError, World,
    builtin::{files::place, windows},
};

const SCHEMA: &str = "org.gnome.desktop.background";

/// The picture by day; the one by night follows it.
const PICTURE: Key = Key {
    schema: SCHEMA,
    key: "picture-uri",
    read,
    written,
};
const PICTURE_DARK: Key = Key {
    key: "picture-uri-dark",
    ..PICTURE
};

/// What is printed is a text in quotes: the address of a picture, which may be gone, or nothing.
fn read(text: &str) -> Value {
    let address = text.trim_matches(['\'', '"']);
    let path = address.strip_prefix("file://").map(place::percent_decoded);
    let path = path.filter(|path| Path::new(path).is_file());
    path.map_or(Value::from(""), |path| {
        Value::Text(place::written(Path::new(&path)))
    })
}

fn written(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

/// Tells which picture is the wallpaper.
pub(super) struct Wallpaper;

#[async_trait]
impl Action for Wallpaper {
    async fn availability(&self, world: &World) -> Availability {
        PICTURE.availability(world).await
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        PICTURE.get(world).await
    }
}

/// Makes a picture the wallpaper; sway shows it at once, other desktops follow the setting.
pub(super) struct SetWallpaper;

/// The picture that is named; none for no name, which stands for the one that the desktop came with.
fn picture(call: &ResolvedCall, world: &World) -> Result<Option<PathBuf>, FunctionError> {
    let said = call.text("picture").unwrap_or_default();
    if said.is_empty() {
        return Ok(None);
    }
    let path = place::resolve(said, world)?;
    if path.is_file() {
        return Ok(Some(path));
    }
    let values = [("path", said)];
    let (kind, id) = (ErrorKind::NotFound, "file-not-there");
    Err(FunctionError::new(kind, world.language, id, &values))
}

#[async_trait]
impl Action for SetWallpaper {
    async fn availability(&self, world: &World) -> Availability {
        PICTURE.availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        picture(call, world)?;
        Ok(Intent::default())
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        match picture(entry.call(), world)? {
            Some(path) => {
                if windows::set_background(&path).await == Some(false) {
                    let (kind, id) = (ErrorKind::Failed, "wallpaper-not-shown");
                    return Err(FunctionError::new(kind, world.language, id, &[]));
                }
                let address = Value::Text(place::address(&path));
                PICTURE.set(&address, world).await?;
                PICTURE_DARK.set(&address, world).await?;
            }
            None => {
                PICTURE.reset(world).await?;
                PICTURE_DARK.reset(world).await?;
            }
        }
        Ok(Outcome {
            undo: entry.intent().undo.clone(),
            note: message(world.language, "wallpaper-set", &[]),
            ..Outcome::default()
        })
    }
}
