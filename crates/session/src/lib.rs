//! A desktop session with Lucid in it.
//!
//! [`Session::start`] brings the parts up in the one order that works:
//! environment, bus, compositor, the environment told to the bus, sound,
//! kernel, shell. Portals are started by the bus when they are first asked
//! for, which is why the bus must know the compositor by then. Whatever was
//! started is ended again, in reverse, when the [`Session`] is stopped or
//! dropped; nothing else is touched.
//!
//! A session on a screen is what a login manager starts. A headless one has a
//! home of its own, so that tests and demonstrations neither see nor change
//! the person's files.

mod bus;
mod children;
mod compositor;
mod desk;
mod environment;
mod error;
mod folder;
mod lucid;
pub mod ordinary_user;
mod session;
pub mod signals;
mod sound;
mod spawn;

pub use environment::Environment;
pub use error::SessionError;
pub use session::{Options, Part, Place, Session, Size, adopt_orphans};
pub use spawn::{command, listens};
