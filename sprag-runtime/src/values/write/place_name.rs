//! [`PlaceName`]: a written place as errors name it.

use crate::error::cut;
use crate::path::Address;

/// A written place as errors name it. Its text is made for an error alone, since it costs as
/// much as a short write.
#[derive(Clone, Copy)]
pub(super) enum PlaceName<'a> {
    Address(&'a Address),
    Text(&'a str),
}

impl PlaceName<'_> {
    /// The place as text, as short as an error needs it.
    pub(super) fn text(self) -> String {
        match self {
            Self::Address(address) => cut(&address.to_string()),
            Self::Text(text) => text.to_owned(),
        }
    }
}
