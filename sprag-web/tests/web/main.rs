//! The server's half of stores, over real connections.

mod authorised;
mod backing;
mod beats;
mod conditions;
mod doors;
mod keyed;
mod kinds;
mod layers;
mod live;
#[cfg(feature = "log")]
mod logged;
mod many;
mod members;
mod pairs;
mod places;
mod readme;
mod rights;
mod show;
mod support;
mod writes;
