//! [`Origin`]: who made a write.

use std::fmt;
use std::sync::Arc;

/// A value of the writer's that its commits carry: a tag and a number.
///
/// sprag compares origins and passes them on, and never interprets them. A client that
/// receives all changes recognises its own by the origin. Cloning is cheap.
///
/// ```
/// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
/// # use sprag::prelude::*;
/// # let tv = create_model("tv", Tv::default());
/// use sprag::state::Origin;
///
/// let mine = tv.by(Origin::new("tab", 3)); // the same model; its writes carry the origin
/// mine.set(Tv::PATHS.position, 7);
/// assert_eq!(tv.get(Tv::PATHS.position), 7);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    tag: Arc<str>,
    number: u64,
}

impl Origin {
    /// An origin of a tag and a number.
    ///
    /// ```
    /// let origin = sprag::state::Origin::new("tab", 3);
    /// assert_eq!((origin.tag(), origin.number()), ("tab", 3));
    /// ```
    pub fn new(tag: impl Into<Arc<str>>, number: u64) -> Self {
        Self { tag: tag.into(), number }
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The number.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({:?}, {})", self.tag, self.number)
    }
}
