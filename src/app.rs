//! An app from the outside: starting, stopping, reports and limits.
//!
//! | to | use |
//! |---|---|
//! | list the services | [`macro@crate::app`] |
//! | run, stop and query an app | [`App`]; [`AppBuilder`] for limits, bus and signals |
//! | set deadlines | [`Limits`] |
//! | read how everything ended | [`StopReport`], [`ServiceReport`], [`Step`], [`Ended`], [`StopReason`] |
//! | read the health | [`AppHealth`], with the [`HookFailures`] and the calls that have not returned, [`RunningHook`] |
//! | run one service without an app | [`start_with`], [`StartService`], [`RunningService`] |

pub use sprag_runtime::app::{
    App, AppBuilder, AppHealth, Child, Ended, HookFailures, IntoService, Limits, RunningHook,
    RunningService, ServiceReport, ServiceStart, ServiceState, StartChild, StartService, Step,
    StopReason, StopReport, start_with,
};
