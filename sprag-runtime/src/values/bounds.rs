//! The edge's requirements of a state, in one trait for each direction. A state without
//! serde's derives is then one error that names the derives, and not a list of serde's
//! impls.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// State that can be written as JSON, for [`get_value`](crate::View::get_value) and stores in
/// browsers: every type that implements `Serialize`.
///
/// ```
/// # use sprag::prelude::*;
/// use sprag::{path::State, state::ToJsonState};
///
/// fn dump<T: ToJsonState + State + Clone + Send + Sync>(model: &Model<T>) -> String {
///     model.get_value("").map_or_else(|error| error.to_string(), |json| json.to_string())
/// }
///
/// #[derive(Model, Clone, serde::Serialize)]
/// struct Tv {
///     position: u64,
/// }
/// assert_eq!(dump(&create_model("tv", Tv { position: 7 })), r#"{"position":7}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as JSON",
    label = "reading the state as JSON needs serde's `Serialize`",
    note = "put `#[derive(serde::Serialize)]` on `{Self}` and on the models in it"
)]
pub trait ToJsonState: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> ToJsonState for T {}

/// State that can be written as JSON and read from it, for
/// [`set_value`](crate::Model::set_value) and [`patch_value`](crate::Model::patch_value):
/// every type that implements `Serialize` and `Deserialize`, and borrows nothing.
///
/// ```
/// # use sprag::prelude::*;
/// use sprag::{error::PathError, path::State, state::JsonState};
///
/// fn clear<T: JsonState + State + Clone + Send + Sync>(
///     model: &Model<T>,
///     path: &str,
/// ) -> Result<u64, PathError> {
///     model.set_value(path, serde_json::Value::Null)
/// }
///
/// #[derive(Model, Clone, serde::Serialize, serde::Deserialize)]
/// struct Tv {
///     url: Option<String>,
/// }
/// let tv = create_model("tv", Tv { url: Some("/a".into()) });
/// clear(&tv, "url")?;
/// assert_eq!(tv.get(Tv::PATHS.url), None);
/// # Ok::<(), PathError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from JSON and written as JSON",
    label = "`set_value` and `patch_value` need serde's `Serialize` and `Deserialize`",
    note = "put `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}` and on the models in it"
)]
pub trait JsonState: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> JsonState for T {}
