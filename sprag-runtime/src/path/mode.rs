//! [`Mode`]: whether a place always exists.

/// Whether a place always exists ([`Whole`]) or may be absent ([`Partial`]).
///
/// The mode decides the types of reads and writes: a `V` and the old `V`, or an `Option<V>`
/// and a `Result<V, Absent>`.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let position: u64 = tv.get(Tv::PATHS.position); // `Whole`
/// let url: Option<String> = tv.get(Tv::PATHS.url.some()); // `Partial`
/// assert_eq!((position, url), (0, None));
/// ```
pub trait Mode: Copy + Send + Sync + 'static + sealed::Sealed {
    /// The mode of this step behind a place of mode `M`.
    #[doc(hidden)]
    type __After<M: Mode>: Mode;

    /// The result of reading a `V`.
    type Read<V>;

    /// The result of a write that returns a `V`.
    type Written<V>;

    /// A borrowed `V` in the form that a subscriber receives.
    type Ref<'a, V: 'a>: Copy;

    #[doc(hidden)]
    fn __read<V>(found: Option<V>) -> Self::Read<V>;

    #[doc(hidden)]
    fn __written<V>(written: Result<V, crate::error::Absent>) -> Self::Written<V>;

    /// The common meaning of [`Written`](Self::Written) for both modes.
    #[doc(hidden)]
    fn __result<V>(written: Self::Written<V>) -> Result<V, crate::error::Absent>;

    #[doc(hidden)]
    fn __ref<V>(found: Option<&V>) -> Self::Ref<'_, V>;

    #[doc(hidden)]
    fn __own<V: Clone>(found: Self::Ref<'_, V>) -> Self::Read<V>;
}

/// The place always exists.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// # use sprag::path::{Path, Whole};
/// let position: Path<Tv, u64, Whole> = Tv::PATHS.position; // `Path<Tv, u64>` for short
/// let () = tv.update_at(position, |position| *position += 1); // nothing to unwrap
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Whole;

/// The place is behind an `Option`, an enum variant or a key, and may be absent.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// # use sprag::path::{Partial, Path};
/// let url: Path<Tv, String, Partial> = Tv::PATHS.url.some(); // a `PartialPath`
/// assert!(tv.update_at(url, String::clear).is_err()); // there is no url
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Partial;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Whole {}
    impl Sealed for super::Partial {}
}

const WHOLE: &str = "a whole path leads somewhere in every value of its root";

impl Mode for Whole {
    type __After<M: Mode> = M;
    type Read<V> = V;
    type Written<V> = V;
    type Ref<'a, V: 'a> = &'a V;

    #[inline]
    fn __read<V>(found: Option<V>) -> V {
        found.expect(WHOLE)
    }

    #[inline]
    fn __written<V>(written: Result<V, crate::error::Absent>) -> V {
        written.expect(WHOLE)
    }

    #[inline]
    fn __result<V>(written: V) -> Result<V, crate::error::Absent> {
        Ok(written)
    }

    #[inline]
    fn __ref<V>(found: Option<&V>) -> &V {
        found.expect(WHOLE)
    }

    #[inline]
    fn __own<V: Clone>(found: &V) -> V {
        found.clone()
    }
}

impl Mode for Partial {
    type __After<M: Mode> = Partial;
    type Read<V> = Option<V>;
    type Written<V> = Result<V, crate::error::Absent>;
    type Ref<'a, V: 'a> = Option<&'a V>;

    #[inline]
    fn __read<V>(found: Option<V>) -> Option<V> {
        found
    }

    #[inline]
    fn __written<V>(written: Result<V, crate::error::Absent>) -> Result<V, crate::error::Absent> {
        written
    }

    #[inline]
    fn __result<V>(written: Result<V, crate::error::Absent>) -> Result<V, crate::error::Absent> {
        written
    }

    #[inline]
    fn __ref<V>(found: Option<&V>) -> Option<&V> {
        found
    }

    #[inline]
    fn __own<V: Clone>(found: Option<&V>) -> Option<V> {
        found.cloned()
    }
}
