//! [`State`]: the types that a tree of state can contain.

use std::any::Any;

use super::ability::{Abilities, AbilityPart, AbilityTree, KeyAbilities};
use super::build::Build;
use super::form::WireForm;
use super::lens::Lens;
use super::mode::Mode;
use super::patch::{Fields, Nodes, show};
use super::place::Place;
use super::shape::{Kind, Note, Shape, ShapeField, Tagging, WireLayout, is_cheap};
use super::text::erased::Contents;

#[cfg(any(
    feature = "uuid",
    feature = "jiff",
    feature = "chrono",
    feature = "time",
    feature = "url",
    feature = "bytes",
    feature = "rust_decimal",
    feature = "smol_str",
    feature = "ordered-float",
))]
mod foreign;
mod leaf;
mod standard;

pub(super) use leaf::leaf;

/// A type whose values have places, which paths lead to.
///
/// Derive this with `#[derive(Model)]`. Numbers, strings, `Option`, collections, tuples of
/// up to twelve elements, `Box`, `Arc`, `Duration` and similar types implement it; the
/// types of `uuid`, `jiff`, `chrono`, `time`, `url`, `bytes`, `rust_decimal`, `smol_str`
/// and `ordered-float` do so behind features of these names. Any other type becomes one
/// opaque value by `#[model(leaf)]` on the field, which also applies inside collections, or
/// by [`Leaf`](super::Leaf) around the value. The keys of maps are [`Key`](super::Key)s and
/// need not be `State`.
///
/// Paths lead into an `Option` by `.some()`, into a `Vec`, `VecDeque` or array by
/// `.at(index)`, into a map or a set by `.key(key)` and into a `Box` or `Arc` by `.deref()`.
/// A tuple is one value; a tuple struct that derives `Model` has places `.0`, `.1`. The
/// members of sets are state and keys.
///
/// ```
/// # use sprag::prelude::*;
/// use std::time::Duration;
///
/// #[derive(Model, Clone, PartialEq)]
/// struct Tv {
///     media: Media,            // derived below
///     length: Option<Duration>, // comes with it
/// }
///
/// #[derive(Model, Clone, PartialEq)]
/// enum Media {
///     Idle,
///     Playing { title: String },
/// }
///
/// let tv = create_model("tv", Tv { media: Media::Idle, length: None });
/// assert_eq!(tv.get(Tv::PATHS.media.playing.title), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a state",
    label = "paths cannot lead to a `{Self}`",
    note = "derive `Model` for `{Self}`, or mark the field `#[model(leaf)]` to hold it as one opaque value"
)]
pub trait State: Sized + 'static {
    /// The type of `PATHS` for a place of this type under the root `R`.
    #[doc(hidden)]
    type __Paths<R: State, M: Mode>: Place<R, Value = Self, Mode = M> + Copy + 'static;

    /// Builds those paths for the place that `L` leads to.
    #[doc(hidden)]
    type __At<L: Lens<Target = Self>>: Build<Self::__Paths<L::Root, L::Mode>>;

    /// The destination of `.some()` on a path to this type; `()` for all but `Option`.
    #[doc(hidden)]
    type __Some<R: State>: Copy + 'static;

    /// The argument of [`PathsIf`].
    #[doc(hidden)]
    const __IS_STATE: bool = true;

    /// The kind of the value.
    #[doc(hidden)]
    const __KIND: Kind = Kind::Leaf;

    /// The parts below that paths lead to.
    #[doc(hidden)]
    const __FIELDS: &'static [ShapeField] = &[];

    /// Names and node count of the tree below.
    #[doc(hidden)]
    const __SHAPE: &'static Shape = &Shape::of::<Self>();

    /// The particularities of the parts.
    #[doc(hidden)]
    const __NOTES: &'static [Note] = &[];

    /// The type's documentation.
    #[doc(hidden)]
    const __DOC: &'static str = "";

    /// How serde marks the active variant.
    #[doc(hidden)]
    const __TAGGING: Tagging = Tagging::External;

    /// The serde form where the shape does not state it, and the rights of browsers.
    #[doc(hidden)]
    const __FORM: &'static WireForm = &WireForm::PLAIN;

    /// How serde writes it, where it is not derived.
    #[doc(hidden)]
    const __LAYOUT: WireLayout = WireLayout::Usual;

    /// Exchanges the parts that serde does not read, one level deep, if there are any.
    #[doc(hidden)]
    const __KEEP: Option<fn(&mut Self, &mut Self)> = None;

    /// The contents where the static tree ends.
    #[doc(hidden)]
    const __CONTENTS: Contents = Contents::Nothing;

    /// The operations on a value.
    #[doc(hidden)]
    const __ABILITIES: Abilities = Abilities::NONE;

    /// The same of the places, counted as `__part` does.
    #[doc(hidden)]
    const __PARTS: &'static [AbilityPart] = &[];

    /// The operations on the contents where the static tree ends.
    #[doc(hidden)]
    const __INNER: Option<fn() -> &'static AbilityTree> = None;

    /// Whether a field is not a place.
    #[doc(hidden)]
    const __HIDES_PARTS: bool = false;

    /// Whether serde writes a value of another type in its place.
    #[doc(hidden)]
    const __IS_CONVERTED: bool = false;

    /// All of them.
    #[doc(hidden)]
    const __ABILITY_TREE: &'static AbilityTree = &AbilityTree {
        own: Self::__ABILITIES,
        parts: Self::__PARTS,
        inner: Self::__INNER,
        hides_parts: Self::__HIDES_PARTS,
        is_converted: Self::__IS_CONVERTED,
    };

    /// How the keys of maps among the fields are written and read.
    #[doc(hidden)]
    const __KEYS: &'static [Option<KeyAbilities>] = &[];

    /// Whether a clone costs less than holding a snapshot does: at most one
    /// small allocation.
    #[doc(hidden)]
    const __CHEAP: bool = is_cheap::<Self>(Self::__FIELDS);

    /// Whether `Clone` and `PartialEq` of this type run no code of a user's.
    #[doc(hidden)]
    const __PLAIN: bool = false;

    /// The value at a node of the tree below, counted from here; `None` where it
    /// is absent.
    #[doc(hidden)]
    fn __node(&self, id: u32) -> Option<&dyn Any> {
        Self::__SHAPE.node(self, id)
    }

    /// The value of the `index`th field; `None` where its variant is not active.
    ///
    /// Fields that paths lead to are counted from 0, over all variants of an enum.
    #[doc(hidden)]
    #[inline]
    fn __part(&self, index: usize) -> Option<&dyn Any> {
        let _ = index;
        None
    }

    #[doc(hidden)]
    #[inline]
    fn __part_mut(&mut self, index: usize) -> Option<&mut dyn Any> {
        let _ = index;
        None
    }

    /// Shows a field of this type that a patch names beside the current one.
    #[doc(hidden)]
    fn __show(fields: &mut Fields<'_>, index: usize, old: &Self, new: &Option<Self>)
    where
        Self: PartialEq,
    {
        show(fields, index, old, new);
    }
}

impl<V: State> Nodes for V {
    fn node(&self, id: u32) -> Option<&dyn Any> {
        self.__node(id)
    }
}

/// The paths to the fields of an enum's `I`th variant.
///
/// A trait, because their type has no name beside the enum.
#[doc(hidden)]
pub trait Variant<const I: usize>: 'static {
    type Paths<R: State>: Copy + 'static;
}

/// The paths of a state, as the paths around it hold them: `PathsIf<{ Field::__IS_STATE }>`.
///
/// The argument makes a type that is not a state one error. Without the argument, each use of
/// the field's paths is another error, since rustc does not know that the type of the field
/// is wrong. With the argument, the constant is the error, and a type with a wrong constant
/// is wrong itself, so that rustc leaves out what follows from it. The value has no meaning.
pub trait PathsIf<const IS_STATE: bool>: Sized + 'static {
    /// The paths of the state.
    type __Paths<R: State, M: Mode>: Place<R, Value = Self, Mode = M> + Copy + 'static;
}

impl<T: State, const IS_STATE: bool> PathsIf<IS_STATE> for T {
    type __Paths<R: State, M: Mode> = T::__Paths<R, M>;
}
