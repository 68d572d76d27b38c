//! State that is shared by a server and its browsers: sprag's models behind an axum router,
//! rendered into pages, live and writable.
//!
//! ```
//! use axum::Router;
//! use serde::{Deserialize, Serialize};
//! use sprag::prelude::*;
//! use sprag_web::{Stores, store};
//!
//! #[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
//! struct Tv {
//!     title: String, // browsers read it
//!     #[model(browser = "write")]
//!     volume: u8, // and write this
//!     #[serde(default)]
//!     #[model(browser = "never")]
//!     api_key: String, // this never leaves the server
//! }
//!
//! let tv = store("tv", Tv::default());
//! let stores = Stores::new().add(&tv);
//! let app: Router = Router::new().nest("/sprag", stores.router());
//! ```
//!
//! A page with `<script type="module" src="/sprag/client.js"></script>` and
//! `<b data-sprag="tv:title"></b>` then shows the title, and updates it at each change.
//!
//! # Concepts
//!
//! - A **store** is a model that browsers see, created by [`store`], or by [`store_by`]
//!   with one instance for each user or room. [`store_over`] creates a store from a state
//!   whose writes leave the process, a [`Backing`].
//! - The **stream** consists of server-sent events: the state once, then each commit. A
//!   commit is serialised once for all readers, and kept for some time in a ring with a
//!   limit in bytes. A connection is a position in the ring. A connection that fell out of
//!   the ring, or comes back too late, gets the state again. There is no queue for each
//!   connection.
//! - An **epoch** names one instance of a store. A restarted server has a new epoch, and
//!   its pages begin with the state again.
//! - A **write** is a `POST` of numbered ops. A repeated number gets the same reply and is
//!   made once, for ten minutes and ten thousand pages; after that the page gets the reply
//!   that the outcome is unknown.
//! - A **policy** decides who sees a store and who writes it; see [`Policy`].
//!
//! The guide `docs/guides/browser-stores.md` covers sessions, proxies, the statuses and the
//! meaning of each refusal.
//!
//! # Costs
//!
//! A store without followers costs nothing. From the first page on, each write also keeps
//! its ops until the store's task has serialised them. `validate` and the conditions of a
//! browser's write run under the model's lock.

#![cfg_attr(docsrs, feature(doc_cfg))]

/// The examples of the guide, compiled as tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../docs/guides/browser-stores.md")]
    mod browser_stores {}
}

mod backing;
mod http;
mod hydrate;
mod keyed;
mod live;
#[cfg(feature = "log")]
mod logged;
mod owned;
mod policy;
mod published;
mod random;
mod source;
mod store_places;
mod stores;
mod to_store;
mod types;
mod writes;

pub use self::backing::{Backing, BackingError};
pub use self::http::listener::{Connection, StallListener, listener};
pub use self::hydrate::{Hydrate, Live};
pub use self::keyed::{PublishedBy, store_by};
pub use self::policy::{Denied, Policy, Write};
pub use self::published::{Published, store, store_over};
pub use self::store_places::StorePlaces;
pub use self::stores::Stores;
pub use self::to_store::ToStore;
pub use self::types::{Types, TypesError};
