//! [`WireForm`]: the parts of a type's JSON form that its shape does not state, and the
//! rights of browsers.
//!
//! Pure data, which the derive writes and [`Schema`](super::Schema) reads; a cell never
//! uses it.

/// The access that a browser has to a place of a store.
///
/// The right of a field is that of `#[model(browser = "…")]` on the field, otherwise that
/// of its type, otherwise that of the containing value; browsers may read the root of a
/// store. Below `Never`, everything is `Never`.
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
    /// Browsers see and write the place.
    Write,
}

/// The part of a type's JSON form that its shape does not state.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "what leaves the process"))]
pub struct WireForm {
    /// The form in which a struct's fields are written, if not by name.
    pub style: Option<WireStyle>,
    /// The right to the type's values, if the type states one.
    pub right: Option<Right>,
    /// The type in TypeScript; empty without the attribute.
    pub ts: &'static str,
    /// Whether serde has defaults for missing fields.
    pub has_default: bool,
    /// The member that names the variant, or the struct; empty if there is none.
    pub tag: &'static str,
    /// The value of that member for a struct.
    pub name: &'static str,
    /// Whether serde writes a value of another type instead.
    pub is_converted: bool,
    /// The particularities of places.
    pub places: &'static [PlaceForm],
    /// Fields that serde writes, but that are not places.
    pub others: &'static [OtherForm],
    /// All variants of an enum.
    pub variants: &'static [VariantForm],
}

/// The form in which the fields of a struct or a variant are written.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireStyle {
    Named,
    Tuple,
    /// A single field, instead of the whole.
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

/// A field that serde writes, but that is not a place.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "what leaves the process"))]
pub struct OtherForm {
    /// The member with the field's value; empty if the field has no member of its own.
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
    /// Whether serde omits the field for some values.
    pub is_left_out: bool,
    /// Whether serde has a default for the field.
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
