//! [`Types`]: TypeScript types of stores, generated from their Rust types.

mod names;
mod places;
mod text;
mod values;

use std::fmt;
use std::fs;
use std::path::Path;

use sprag_runtime::path::{Schema, State};

use self::text::file;

/// The TypeScript types of stores, as a file that pages import.
///
/// The file has an interface or a union for each type, in exactly the form that serde
/// writes, with the documentation of the Rust types; the places of each store with the
/// browsers' rights (`tv.$.volume`); the same places as text; and the stores themselves.
/// Places that are `never` for browsers are left out.
///
/// A value of unknown form is an error: a leaf of a foreign type, or a value that
/// `serde(with)` or `into` writes. `#[model(ts = "…")]` gives the type.
///
/// ```
/// use serde::Serialize;
/// use sprag::prelude::*;
/// use sprag_web::Types;
///
/// #[derive(Model, Serialize)]
/// struct Tv {
///     /// In seconds.
///     position: u64,
///     #[model(browser = "write")]
///     volume: u8,
/// }
///
/// let types = Types::new().store::<Tv>("tv");
/// let text = types.text()?;
/// assert!(text.contains("  /** In seconds. */\n  readonly position: number;"));
/// assert!(text.contains("  readonly volume: Writable<number>;"));
/// assert!(text.contains(r#"export const tv = store<Tv, "#));
/// # Ok::<(), sprag_web::TypesError>(())
/// ```
///
/// A test keeps the file up to date:
///
/// ```no_run
/// # use sprag_web::Types;
/// # let types = Types::new();
/// types.check("web/sprag.gen.ts").unwrap(); // SPRAG_TYPES=write cargo test writes it
/// ```
#[derive(Clone, Debug)]
pub struct Types {
    import: String,
    stores: Vec<(String, Schema)>,
}

/// Why the file of types was not generated, or differs from the generated one.
#[derive(Debug)]
pub struct TypesError(String);

impl fmt::Display for TypesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TypesError {}

impl Default for Types {
    fn default() -> Self {
        Self { import: "sprag".into(), stores: Vec::new() }
    }
}

impl Types {
    /// The types of an empty set of stores.
    pub fn new() -> Self {
        Self::default()
    }

    /// Imports the client from `module`. The default is `"sprag"`.
    #[must_use]
    pub fn import(self, module: impl Into<String>) -> Self {
        Self { import: module.into(), ..self }
    }

    /// Adds a store called `name` with a state of type `T`.
    #[must_use]
    pub fn store<T: State>(mut self, name: impl Into<String>) -> Self {
        self.stores.push((name.into(), Schema::of::<T>()));
        self
    }

    /// The file's text.
    ///
    /// # Errors
    ///
    /// A [`TypesError`] with a sentence for each value of unknown form.
    pub fn text(&self) -> Result<String, TypesError> {
        file(&self.import, &self.stores).map_err(|unknown| TypesError(unknown.join("\n")))
    }

    /// Checks that the file at `path` has this text. With `SPRAG_TYPES=write` in the
    /// environment, writes the file instead.
    ///
    /// # Errors
    ///
    /// A [`TypesError`]: the file differs, or there is no [`text`](Self::text), or the file
    /// cannot be read or written.
    pub fn check(&self, path: impl AsRef<Path>) -> Result<(), TypesError> {
        let (path, text) = (path.as_ref(), self.text()?);
        if std::env::var("SPRAG_TYPES").is_ok_and(|wish| wish == "write") {
            let failed = |error| TypesError(format!("cannot write `{}`: {error}", path.display()));
            return fs::write(path, text).map_err(failed);
        }
        let is_same = fs::read_to_string(path).is_ok_and(|found| found == text);
        let message =
            || format!("`{}` is not up to date; run with SPRAG_TYPES=write", path.display());
        is_same.then_some(()).ok_or_else(|| TypesError(message()))
    }
}
