//! Apps: which services there are, in which order they start and stop, and who
//! sees to it. What a service owns is the business of [`service`](crate::service).

// In reading order: the face, the graph, the life, its steps, its reports.
mod run;
mod running;
mod solo;

mod graph;
mod node;

mod crew;
mod health;
mod release;
mod signals;
mod start;
mod step;
mod stop;
mod supervisor;

mod error;
mod limits;
mod report;

pub use error::{SharedError, StartError};
pub use limits::Limits;
pub use report::{AppHealth, Ended, ServiceReport, Step, StopReport};
pub use running::{App, AppBuilder};
pub use solo::{Solo, StartWith, start_with};

pub use crate::service::StopReason;

/// What `app!` writes.
pub(crate) mod expansion {
    pub use super::graph::acyclic;
    pub use super::node::{Creating, Fits, Node, Parts};
    pub use super::running::{Application, Values};
}
