//! [`WireForm`]: what serde writes of a type where its shape does not say, and what
//! browsers may do with it.
//!
//! Pure data, which the derive writes and [`Schema`](super::Schema) reads; a cell never
//! uses it.

/// The access that a browser has to a place of a store.
///
/// A field has the right that `#[model(browser = "…")]` gives it, else the one of its type,
/// else the one of the value that contains it; browsers may read the root of a store. Below
/// `Never` everything is `Never`.
///
/// ```
/// use sprag::path::Right;
///
/// assert!(Right::Never < Right::Read && Right::Read < Right::Write);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// The place never leaves the server.
    Never,
    /// Browsers see the place.
    Read,
    /// Browsers see the place and write it.
    Write,
}

/// The part of a type's serde form that its shape does not state.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "what leaves the process"))]
pub struct WireForm {
    /// How the fields of a struct are written, where that is not by name.
    pub style: Option<WireStyle>,
    /// The right to its values, where the type says.
    pub right: Option<Right>,
    /// The type in TypeScript; empty where no attribute names one.
    pub ts: &'static str,
    /// Whether serde has values for the fields that are not given.
    pub has_default: bool,
    /// The member that names the variant, or the struct; empty where there is none.
    pub tag: &'static str,
    /// The value of that member for a struct.
    pub name: &'static str,
    /// Whether serde writes a value of another type in its place.
    pub is_converted: bool,
    /// The particularities of places.
    pub places: &'static [PlaceForm],
    /// Fields that serde writes and that are not places.
    pub others: &'static [OtherForm],
    /// All variants of an enum.
    pub variants: &'static [VariantForm],
}

/// How the fields of a struct or a variant are written.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireStyle {
    Named,
    Tuple,
    /// A single field, in the place of the whole.
    Newtype,
    Unit,
}

/// The particularities of one place.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct PlaceForm {
    /// Its number, counted as `State::__part` does.
    pub of: usize,
    pub traits: FieldForm,
}

/// A field that serde writes and that is not a place.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "what leaves the process"))]
pub struct OtherForm {
    /// The member that holds it; empty where it has none of its own.
    pub name: &'static str,
    /// The number of its variant.
    pub variant: usize,
    pub traits: FieldForm,
    pub doc: &'static str,
}

/// The particularities of one field.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "what leaves the process"))]
pub struct FieldForm {
    pub right: Option<Right>,
    pub ts: &'static str,
    /// Whether serde leaves it out with some values.
    pub is_left_out: bool,
    /// Whether serde has a value for it where none is given.
    pub has_default: bool,
}

/// A variant of an enum.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct VariantForm {
    pub name: &'static str,
    pub style: WireStyle,
    /// Whether serde refuses to write it.
    pub is_skipped: bool,
    /// Whether it is written without a tag.
    pub is_untagged: bool,
    /// Whether functions of the user's write it.
    pub is_custom: bool,
    pub doc: &'static str,
}

impl WireForm {
    /// The form of a type that its shape describes completely.
    pub const PLAIN: Self = Self {
        style: None,
        right: None,
        ts: "",
        has_default: false,
        tag: "",
        name: "",
        is_converted: false,
        places: &[],
        others: &[],
        variants: &[],
    };

    /// Of one value of a type that TypeScript has.
    pub(in crate::path) const fn known(ts: &'static str) -> Self {
        Self { ts, ..Self::PLAIN }
    }
}

impl FieldForm {
    /// The form of an ordinary field.
    #[cfg(feature = "serde")]
    pub(in crate::path) const PLAIN: Self =
        Self { right: None, ts: "", is_left_out: false, has_default: false };
}
