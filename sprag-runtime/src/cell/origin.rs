//! [`Origin`] and [`Origins`]: the writers of a commit.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use smallvec::SmallVec;

/// A tag and a number that identify a writer; the writer's commits carry them.
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
    /// Creates an origin.
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

/// The origins of a commit's writers, in order: none, one, or several if the commit's
/// changeset names several.
///
/// As data it is `null`, one pair `["tab", 3]`, or a list of pairs.
///
/// ```
/// use sprag::state::{Origin, Origins};
///
/// let both = Origins::from_iter([Origin::new("tab", 3), Origin::new("hub", 1)]);
/// assert_eq!(both[1].tag(), "hub");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Origins(SmallVec<[Origin; 1]>);

impl Origins {
    /// Whether there is no origin.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Deref for Origins {
    type Target = [Origin];

    fn deref(&self) -> &[Origin] {
        &self.0
    }
}

impl FromIterator<Origin> for Origins {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        Self(origins.into_iter().collect())
    }
}

impl From<&[Origin]> for Origins {
    #[inline]
    fn from(origins: &[Origin]) -> Self {
        if origins.is_empty() { Self(SmallVec::new()) } else { Self(origins.into()) }
    }
}

impl fmt::Debug for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The origin, if there is exactly one.
pub(crate) fn only(origins: &[Origin]) -> Option<&Origin> {
    match origins {
        [only] => Some(only),
        _ => None,
    }
}
