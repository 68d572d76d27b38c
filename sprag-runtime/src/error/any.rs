//! [`Error`]: any error, for functions of users that can fail in their own ways. This
//! module uses no other part of sprag but `isolate`.

use std::error::Error as StdError;
use std::fmt;

/// A boxed error, as the standard library converts into it.
///
/// ```
/// use sprag::error::BoxError;
///
/// let error: BoxError = "x".parse::<u16>().unwrap_err().into();
/// assert_eq!(sprag::Error::new(error).to_string(), "invalid digit found in string");
/// ```
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// A result with an error of any type.
///
/// Not in the prelude, so that it never hides a module's own `Result`.
///
/// ```
/// fn titles(path: &str) -> sprag::Result<Vec<String>> {
///     Ok(std::fs::read_to_string(path)?.lines().map(str::to_owned).collect())
/// }
///
/// assert!(titles("no such file").is_err());
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error, with its chain of sources.
///
/// `?` converts every error that can be sent between threads. Like other types of this
/// kind, `Error` is not a [`std::error::Error`] itself, which makes the conversion from
/// all errors possible; it converts into `Box<dyn Error + Send + Sync>`.
///
/// A panic in the drop of the inner error is caught and reported through `tracing`.
///
/// `{}` prints the error, `{:#}` the error and its sources on one line, `{:?}` the same on
/// several lines, as `main` prints it.
///
/// ```
/// use sprag::{Error, Result};
///
/// fn port(text: &str) -> Result<u16> {
///     let port = text.parse()?;
///     if port == 0 {
///         return Err(Error::msg("port 0 is nobody's"));
///     }
///     Ok(port)
/// }
///
/// assert_eq!(port("80").unwrap(), 80);
/// assert_eq!(port("0").unwrap_err().to_string(), "port 0 is nobody's");
/// assert!(port("x").unwrap_err().downcast_ref::<std::num::ParseIntError>().is_some());
/// ```
pub struct Error {
    /// `None` only while it is dropped or converted.
    inner: Option<BoxError>,
}

impl Error {
    /// Creates an error from a message.
    ///
    /// ```
    /// # use sprag::Error;
    /// assert_eq!(Error::msg("nothing plays").to_string(), "nothing plays");
    /// ```
    pub fn msg(message: impl fmt::Display) -> Self {
        Self { inner: Some(message.to_string().into()) }
    }

    /// Creates an error from any value that converts into the standard library's boxed
    /// error, including strings.
    ///
    /// ```
    /// # use sprag::Error;
    /// let error = Error::new("nothing plays"); // or any error, boxed or not
    /// assert_eq!(error.to_string(), "nothing plays");
    /// ```
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self { inner: Some(error.into()) }
    }

    /// The cause of this error.
    ///
    /// ```
    /// # use sprag::Error;
    /// let error = Error::from("x".parse::<u16>().unwrap_err());
    /// assert!(error.source().is_none());
    /// ```
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner().source()
    }

    /// This error and its sources, outermost first.
    ///
    /// ```
    /// # use sprag::Error;
    /// let error = Error::from("x".parse::<u16>().unwrap_err());
    /// assert_eq!(error.chain().count(), 1);
    /// ```
    pub fn chain(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        let first: &(dyn StdError + 'static) = self.inner();
        std::iter::successors(Some(first), |&error| error.source())
    }

    /// The error itself, if it is an `E`.
    ///
    /// ```
    /// # use sprag::Error;
    /// let error = Error::from("x".parse::<u16>().unwrap_err());
    /// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    /// ```
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.inner().downcast_ref()
    }
}

const INNER: &str = "an error has its inner one until the drop";

impl Error {
    fn inner(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.inner.as_deref().expect(INNER)
    }
}

/// Dropping a user's error runs users' code, whose panic must not end a task of sprag's.
impl Drop for Error {
    fn drop(&mut self) {
        crate::isolate::isolated(&"the drop of an error", || drop(self.inner.take()));
    }
}

#[cfg(feature = "service")]
impl Error {
    /// The text of `{:#}`, even if the `Display` of a user panics.
    pub(crate) fn text(&self) -> String {
        let text = || format!("{self:#}");
        crate::isolate::isolated(&"the `Display` of an error", text)
            .unwrap_or_else(|| "an error whose `Display` panics".to_owned())
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self { inner: Some(Box::new(error)) }
    }
}

impl From<Error> for BoxError {
    fn from(mut error: Error) -> Self {
        error.inner.take().expect(INNER)
    }
}

impl AsRef<dyn StdError + Send + Sync> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.inner()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner())?;
        if f.alternate() {
            self.chain().skip(1).try_for_each(|source| write!(f, ": {source}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return write!(f, "{:#?}", self.inner());
        }
        write!(f, "{}", self.inner())?;
        self.chain().skip(1).try_for_each(|source| write!(f, "\n  caused by: {source}"))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::num::ParseIntError;

    use super::{BoxError, Error};

    /// An error with a source.
    #[derive(Debug, thiserror::Error)]
    #[error("no port")]
    struct NoPort(#[source] ParseIntError);

    /// An error whose text and drop panic.
    #[derive(Debug)]
    struct Hostile;

    impl fmt::Display for Hostile {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("the text");
        }
    }

    impl std::error::Error for Hostile {}

    impl Drop for Hostile {
        fn drop(&mut self) {
            panic!("the drop");
        }
    }

    #[test]
    fn an_error_shows_itself_and_its_sources() {
        let number = "x".parse::<u16>().unwrap_err();
        let (error, inner) = (Error::new(NoPort(number.clone())), number.to_string());
        assert_eq!(error.to_string(), "no port");
        assert_eq!(format!("{error:#}"), format!("no port: {inner}"));
        assert_eq!(format!("{error:?}"), format!("no port\n  caused by: {inner}"));
        assert!(format!("{error:#?}").starts_with("NoPort("), "{error:#?}");
        let chain: Vec<_> = error.chain().map(ToString::to_string).collect();
        assert_eq!(chain, ["no port", &inner]);
        assert_eq!(error.source().map(ToString::to_string), Some(inner.clone()));
        assert!(error.downcast_ref::<NoPort>().is_some());
        assert!(error.downcast_ref::<ParseIntError>().is_none());
        assert_eq!(error.as_ref().to_string(), "no port");
        assert!(BoxError::from(error).downcast::<NoPort>().is_ok());
        let error = Error::from(number);
        assert_eq!((error.to_string(), error.source().is_none()), (inner, true));
        assert_eq!(Error::msg("no film").to_string(), "no film");
    }

    #[test]
    fn i5_an_error_whose_drop_panics_is_dropped_without_a_panic() {
        drop(Error::new(Hostile));
    }

    #[cfg(feature = "service")]
    #[test]
    fn i5_an_error_whose_text_panics_has_another_text() {
        assert_eq!(Error::new(Hostile).text(), "an error whose `Display` panics");
        let number = "x".parse::<u16>().unwrap_err();
        let (text, inner) = (Error::new(NoPort(number.clone())).text(), number);
        assert_eq!(text, format!("no port: {inner}"));
    }
}
