//! The measured state, and writers of it.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::Logged;
use tokio::runtime::Runtime;

/// A player with a library of some size.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Player {
    pub(crate) position: u64,
    pub(crate) titles: Vec<String>,
}

impl Player {
    /// With a JSON of about `bytes` bytes.
    pub(crate) fn of(bytes: usize) -> Self {
        let title = |number: usize| format!("{number:0>97}");
        Self { position: 0, titles: (0..bytes / 100).map(title).collect() }
    }
}

/// The time of one write of a field by `writers` writers at once, of which each makes `count`.
pub(crate) fn writes(
    runtime: &Runtime,
    players: &[&Logged<Player>],
    writers: u64,
    count: u64,
) -> Duration {
    let start = Instant::now();
    let of_one = |writer: u64| {
        let player = players[writer as usize % players.len()].clone();
        async move {
            for number in 0..count {
                let position = number * writers + writer + 1;
                player.set(Player::PATHS.position, position).await.expect("the log is in reach");
            }
        }
    };
    runtime.block_on(join_all((0..writers).map(of_one)));
    start.elapsed() / writers as u32
}
