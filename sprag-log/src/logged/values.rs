//! The writes by text and by address, as [`Model`] has them.

use serde_json::Value;
use sprag_runtime::error::PathError;
use sprag_runtime::path::{Address, State};
use sprag_runtime::{JsonState, Model};

use super::Logged;
use crate::error::TransactError;

/// Writes of places that are known as text. Each returns the version at which it is in the
/// state, in every process, and fails with [`TransactError::Refused`] where a [`Model`] has a
/// [`PathError`].
impl<T: State + JsonState + Clone + Send + Sync> Logged<T> {
    /// Sets the place that `path` names; see [`Model::set_value`].
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Rooms { open: bool }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let log = sprag_log::File::open(tempfile::tempdir()?.path())?;
    /// let rooms = log.model("rooms", Rooms::default()).await?;
    /// let version = rooms.set_value("open", true.into()).await?;
    /// assert_eq!((rooms.get(Rooms::PATHS.open), rooms.version()), (true, version));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TransactError::Refused`] with the [`PathError`]; else a
    /// [`WriteError`](crate::WriteError).
    pub async fn set_value(
        &self,
        path: &str,
        value: Value,
    ) -> Result<u64, TransactError<PathError>> {
        let path = path.to_owned();
        self.by_text(move |now| Ok(now.set_value(&path, value.clone())?)).await
    }

    /// Sets the place at `place`; see [`Model::set_at`].
    ///
    /// # Errors
    ///
    /// As [`set_value`](Self::set_value).
    pub async fn set_at(
        &self,
        place: &Address,
        value: Value,
    ) -> Result<u64, TransactError<PathError>> {
        let place = place.clone();
        self.by_text(move |now| Ok(now.set_at(&place, value.clone())?)).await
    }

    /// Merges the JSON merge patch `patch` into the place that `path` names; see
    /// [`Model::patch_value`].
    ///
    /// # Errors
    ///
    /// As [`set_value`](Self::set_value).
    pub async fn patch_value(
        &self,
        path: &str,
        patch: Value,
    ) -> Result<u64, TransactError<PathError>> {
        let path = path.to_owned();
        self.by_text(move |now| Ok(now.patch_value(&path, patch.clone())?)).await
    }

    /// Merges the JSON merge patch `patch` into the place at `place`; see
    /// [`Model::merge_at`].
    ///
    /// # Errors
    ///
    /// As [`set_value`](Self::set_value).
    pub async fn merge_at(
        &self,
        place: &Address,
        patch: Value,
    ) -> Result<u64, TransactError<PathError>> {
        let place = place.clone();
        self.by_text(move |now| Ok(now.merge_at(&place, patch.clone())?)).await
    }

    async fn by_text<F>(&self, write: F) -> Result<u64, TransactError<PathError>>
    where
        F: FnMut(&Model<T>) -> Result<u64, Box<PathError>> + Send + 'static,
    {
        let (job, answer) = self.job(write);
        let written = self.send(job, answer).await;
        written.map(|(_, version)| version).map_err(|error| match error {
            TransactError::Refused(error) => TransactError::Refused(*error),
            TransactError::Write(error) => TransactError::Write(error),
        })
    }
}
