//! An app from the outside: starting, stopping, reports and limits.

pub use sprag_runtime::app::{
    App, AppBuilder, AppHealth, Ended, HookFailures, Limits, RunningService, ServiceReport,
    StartService, Step, StopReason, StopReport, start_with,
};
