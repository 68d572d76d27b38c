//! The live streams: frames, the connections that follow a store, and the state that they begin
//! with.

pub(crate) mod browser_ops;
pub(crate) mod feed;
pub(crate) mod followed;
pub(crate) mod frames;
pub(crate) mod hiding;
pub(crate) mod hub;
pub(crate) mod narrowed;
pub(crate) mod open_streams;
pub(crate) mod ring;
pub(crate) mod show_requests;
pub(crate) mod shown_places;
pub(crate) mod shown_state;
pub(crate) mod stream_signal;
