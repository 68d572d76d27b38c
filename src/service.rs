//! A service from the inside: the types for its `new`, its hooks and its callers.
//!
//! | to | use |
//! |---|---|
//! | make a type a service | [`macro@crate::service`], which implements [`Service`] |
//! | call another service | [`Handle`], [`Ref`], which alone is [`HasMethods`] |
//! | read a value of the app | [`Config`] |
//! | make something that ends with the service | [`Scope`], [`Task`] |
//! | let a watcher write into a store or a model | [`WatchTarget`]; [`FollowedStream`], [`WatchedItem`] and [`WatchedValue`] are what it can follow |
//! | enqueue a job for a worker of a service | [`JobQueue`], [`Works`] ([`NoJob`] where there is no worker), [`QueueDepth`] |
//! | take the jobs of a fake in a test | [`Handle::with_jobs`], [`JobReceiver`], [`JobReply`] |
//! | run a child process (Unix) | [`Scope::process`], [`Scope::output`], [`ProcessCommand`], [`ManagedProcess`] |
//! | report the health | [`Health`], [`IntoHealth`] |
//! | release a type of your own with the service, and report its health | [`Resource`], [`ResourceCheck`] |
//! | return a result from a hook | [`Outcome`] |

#[doc(no_inline)]
pub use sprag_runtime::Resource;
#[cfg(unix)]
pub use sprag_runtime::service::{ManagedProcess, OutputLine, OutputStream, ProcessCommand};
pub use sprag_runtime::{
    Task,
    service::{
        Config, FollowedStream, Handle, HasMethods, Health, IntoHealth, JobQueue, JobReceiver,
        JobReply, NoJob, OnFailure, Outcome, QueueDepth, Ref, ResourceCheck, Scope, Service,
        WatchTarget, WatchedItem, WatchedValue, Works,
    },
};
