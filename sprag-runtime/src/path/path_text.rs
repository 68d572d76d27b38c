//! [`PathText`]: the text of a path while it is being written.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

#[cfg(feature = "serde")]
use super::ability::{known_key, text_of_key};
use super::shape::{Shape, locate};
use super::text::{UNNAMED, write_part};

/// The text of a path while it is being written: parts joined by dots.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct PathText<'a> {
    out: &'a mut dyn fmt::Write,
    first: bool,
    /// The shapes on the way, which know how their maps' keys are written.
    shapes: SmallVec<[&'static Shape; 4]>,
}

impl<'a> PathText<'a> {
    pub fn new(out: &'a mut dyn fmt::Write) -> Self {
        Self { out, first: true, shapes: SmallVec::new() }
    }

    /// Appends the names on the way from a value of the shape `owner` to its node `id`.
    pub(super) fn node(&mut self, owner: &'static Shape, id: u32) -> fmt::Result {
        self.enter(owner);
        let Some((index, id)) = locate(owner.fields, id) else {
            return Ok(());
        };
        let field = &owner.fields[index];
        if !field.name.is_empty() {
            self.name(field.name)?;
        }
        self.node(field.shape, id)
    }

    /// Notes that the path leads through a value of this shape.
    fn enter(&mut self, shape: &'static Shape) {
        if !shape.keys.is_empty() {
            self.shapes.push(shape);
        }
    }

    /// Appends a name, in quotes where it could be taken for more than one.
    pub fn name(&mut self, name: &str) -> fmt::Result {
        self.dot()?;
        write_part(self.out, name)
    }

    /// Appends a key: the string that serde writes for it.
    ///
    /// A key that serde is not known to write is shown by its `Debug` behind a `?`, which
    /// no text that is read begins with. Without the feature `serde` every key but a
    /// string is shown so, without the `?`.
    pub fn key<K: fmt::Debug + 'static>(&mut self, key: &K) -> fmt::Result {
        if let Some(text) = text_of(key) {
            return self.name(text);
        }
        match self.written(key) {
            Some(text) => self.name(&text),
            None => {
                self.dot()?;
                if cfg!(feature = "serde") {
                    self.out.write_char(UNNAMED)?;
                }
                write!(self.out, "{key:?}")
            }
        }
    }

    #[cfg(feature = "serde")]
    fn written(&self, key: &dyn Any) -> Option<String> {
        let tables: SmallVec<[_; 4]> = self.shapes.iter().map(|shape| shape.keys).collect();
        text_of_key(known_key(key.type_id(), &tables)?.text?, key)
    }

    #[cfg(not(feature = "serde"))]
    fn written(&self, _: &dyn Any) -> Option<String> {
        None
    }

    fn dot(&mut self) -> fmt::Result {
        if std::mem::take(&mut self.first) { Ok(()) } else { self.out.write_char('.') }
    }
}

/// The text of a key that is a string.
fn text_of(key: &dyn Any) -> Option<&str> {
    let string = key.downcast_ref::<String>().map(String::as_str);
    let boxed = || key.downcast_ref::<Box<str>>().map(|key| &**key);
    let shared = || key.downcast_ref::<Arc<str>>().map(|key| &**key);
    let fixed = || key.downcast_ref::<&'static str>().copied();
    string.or_else(boxed).or_else(shared).or_else(fixed)
}
