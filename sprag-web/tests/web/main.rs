//! The server's half of stores, over real connections.

mod live;
mod support;
mod writes;
