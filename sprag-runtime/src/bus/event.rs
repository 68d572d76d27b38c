//! [`Event`]: the trait of everything that a bus carries.

/// A value that a [`Bus`](crate::Bus) delivers to its listeners.
///
/// Derive it: `#[derive(Event)] #[event("storage:mount_changed")]`. An impl by hand
/// names the event:
///
/// ```
/// # use sprag::Event;
/// struct MountChanged { mounts: usize }
///
/// impl Event for MountChanged {
///     const NAME: &'static str = "storage:mount_changed";
/// }
/// ```
///
/// The bus finds listeners by the event's type; the name is for logs and tools.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "a bus carries events",
    note = "put `#[derive(Event)]` and `#[event(\"…\")]`, with a name such as `storage:mount_changed`, on `{Self}`"
)]
pub trait Event: Send + Sync + 'static {
    /// The event's name, such as `storage:mount_changed`.
    const NAME: &'static str;
}
