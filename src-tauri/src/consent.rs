//! Consents: asked over a private socket, shown in a window of their own, answered here.
//!
//! The page only draws the question and says which button was pressed. What is
//! sent back is built here from the kernel's own request.

pub(crate) mod book;
pub(crate) mod page;
pub(crate) mod socket;
pub(crate) mod window;

pub(crate) use page::Consents;
